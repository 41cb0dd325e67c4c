package atlas.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.core.WorkloadId;
import atlas.identity.Authentication.Authenticated;
import atlas.identity.CertificateAuthority.IssuedCertificate;
import com.nimbusds.jose.jwk.JWKSet;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JwksFetcherTest {
    private final CertificateAuthority authority =
            CertificateAuthority.create("atlas.local", Clock.systemUTC());
    private final AtomicInteger elsewhere = new AtomicInteger();
    @TempDir Path folder;
    private HttpsServer server;
    private JwksFetcher fetcher;

    @BeforeEach
    void serve() throws Exception {
        IssuedCertificate own =
                authority.server(
                        WorkloadId.parse("spiffe://atlas.local/idp"),
                        List.of("localhost"),
                        List.of("127.0.0.1"),
                        Duration.ofHours(1));
        KeyStore keys = KeyStore.getInstance("PKCS12");
        keys.load(null, null);
        keys.setKeyEntry(
                "own", own.key(), new char[0], own.chain().toArray(X509Certificate[]::new));
        KeyManagerFactory managers = KeyManagerFactory.getInstance("PKIX");
        managers.init(keys, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        server =
                HttpsServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context));
        String published = new JWKSet(TestIssuer.EC).toString(true);
        server.createContext("/keys", answer(200, published.getBytes(StandardCharsets.UTF_8)));
        server.createContext("/huge", answer(200, new byte[300 << 10]));
        server.createContext("/gone", answer(404, new byte[2]));
        server.createContext(
                "/moved",
                exchange -> {
                    exchange.getResponseHeaders().add("Location", place("/elsewhere").toString());
                    exchange.sendResponseHeaders(302, -1);
                    exchange.close();
                });
        server.createContext(
                "/elsewhere",
                exchange -> {
                    elsewhere.incrementAndGet();
                    exchange.sendResponseHeaders(200, -1);
                    exchange.close();
                });
        server.start();
        fetcher = JwksFetcher.trusting(List.of(authority.root()));
    }

    @AfterEach
    void stop() {
        server.stop(0);
        fetcher.close();
    }

    private static HttpHandler answer(int status, byte[] body) {
        return exchange -> {
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        };
    }

    private URI place(String path) {
        return URI.create("https://127.0.0.1:" + server.getAddress().getPort() + path);
    }

    @Test
    void aTokenIsCheckedWithKeysFetchedOverTls() {
        Clock clock = Clock.systemUTC();
        JwtIssuerConfig config =
                TestIssuer.config(Optional.of(place("/keys")), Set.of("ES256"), Set.of());
        try (JwtIssuers issuers = new JwtIssuers(List.of(config), fetcher, clock)) {
            Authentication outcome =
                    issuers.authenticate(TestIssuer.signed(new TestIssuer(clock).claims().build()));
            assertThat(outcome).isInstanceOf(Authenticated.class);
        }
    }

    @Test
    void refusesAServerThatNoAnchorVouchesFor() {
        CertificateAuthority other = CertificateAuthority.create("atlas.local", Clock.systemUTC());
        try (JwksFetcher strict = JwksFetcher.trusting(List.of(other.root()))) {
            assertThatThrownBy(() -> strict.fetch(place("/keys"))).isInstanceOf(IOException.class);
        }
        assertThatThrownBy(() -> JwksFetcher.trusting(List.of()))
                .isInstanceOf(IdentityException.class);
    }

    @Test
    void refusesMoreThanItsLimit() {
        assertThatThrownBy(() -> fetcher.fetch(place("/huge"))).isInstanceOf(IOException.class);
    }

    @Test
    void followsNoRedirectAndTakesNoErrorForKeys() {
        assertThatThrownBy(() -> fetcher.fetch(place("/moved"))).hasMessage("status 302");
        assertThat(elsewhere).hasValue(0);
        assertThatThrownBy(() -> fetcher.fetch(place("/gone"))).hasMessage("status 404");
    }

    @Test
    void readsFilesAndNoOtherSchemes() throws Exception {
        Path file = folder.resolve("keys.json");
        Files.writeString(file, "{\"keys\":[]}");
        assertThat(fetcher.fetch(file.toUri())).hasSize(11);
        Files.write(file, new byte[300 << 10]);
        assertThatThrownBy(() -> fetcher.fetch(file.toUri())).isInstanceOf(IOException.class);
        for (String other : List.of("http://127.0.0.1/keys", "ftp://x/y", "jar:file:/a!/b", "x")) {
            assertThatThrownBy(() -> fetcher.fetch(URI.create(other)))
                    .hasMessage("only https: and file: places are read");
        }
    }
}
