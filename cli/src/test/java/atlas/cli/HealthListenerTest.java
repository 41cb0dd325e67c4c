package atlas.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.core.WorkloadId;
import atlas.identity.CertificateAuthority;
import atlas.identity.CertificateAuthority.IssuedCertificate;
import atlas.runtime.http.TlsIdentity;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Clock;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HealthListenerTest {
    private static final Duration HOUR = Duration.ofHours(1);

    private final CertificateAuthority authority =
            CertificateAuthority.create("atlas.test", Clock.systemUTC());
    private final AtomicBoolean journal = new AtomicBoolean(true);
    private final AtomicBoolean store = new AtomicBoolean(true);

    @TempDir Path temp;

    private TlsIdentity identity() {
        IssuedCertificate issued =
                authority.server(
                        new WorkloadId("atlas.test", "/gateway"),
                        List.of("localhost"),
                        List.of("127.0.0.1"),
                        HOUR);
        return new TlsIdentity(issued.key(), issued.chain(), List.of());
    }

    private HealthListener start(String section) throws Exception {
        Path file = Files.writeString(temp.resolve("atlas.yaml"), section);
        return HealthListener.start(
                new Settings(Optional.of(file)),
                this::identity,
                HOUR,
                Map.of("journal", journal::get, "store", this::stored));
    }

    private boolean stored() {
        if (!store.get()) {
            throw new IllegalStateException("the store is away");
        }
        return true;
    }

    private static Optional<URI> place(HealthListener health) {
        Map<String, URI> listening = new LinkedHashMap<>();
        health.tell(listening);
        return Optional.ofNullable(listening.get("health"));
    }

    private HttpClient client() throws Exception {
        KeyStore anchors = KeyStore.getInstance("PKCS12");
        anchors.load(null, null);
        anchors.setCertificateEntry("ca", authority.root());
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(anchors);
        SSLContext context = SSLContext.getInstance("TLSv1.3");
        context.init(null, trust.getTrustManagers(), null);
        return HttpClient.newBuilder().sslContext(context).build();
    }

    @Test
    void livesAlwaysAndIsReadyOnlyWhenEveryPartIs() throws Exception {
        try (HealthListener health = start("health:\n  port: 0\n");
                HttpClient client = client()) {
            URI at = place(health).orElseThrow();
            assertThat(ask(client, at, "/livez").statusCode()).isEqualTo(200);
            assertThat(ask(client, at, "/readyz").statusCode()).isEqualTo(200);

            journal.set(false);
            store.set(false);
            HttpResponse<String> waiting = ask(client, at, "/readyz");
            assertThat(waiting.statusCode()).isEqualTo(503);
            assertThat(waiting.body())
                    .isEqualTo("{\"status\":\"waiting\",\"waiting_for\":[\"journal\",\"store\"]}");
            assertThat(ask(client, at, "/livez").statusCode()).isEqualTo(200);

            journal.set(true);
            store.set(true);
            assertThat(ask(client, at, "/readyz").statusCode()).isEqualTo(200);
        }
    }

    private static HttpResponse<String> ask(HttpClient client, URI at, String path)
            throws Exception {
        return client.send(
                HttpRequest.newBuilder(at.resolve(path)).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void nothingElseIsThere() throws Exception {
        try (HealthListener health = start("health:\n  port: 0\n");
                HttpClient client = client()) {
            URI at = place(health).orElseThrow();
            for (String path :
                    List.of("/", "/metrics", "/readyz/", "/readyz?verbose", "/v1/models")) {
                assertThat(ask(client, at, path).statusCode()).as(path).isEqualTo(404);
            }
            HttpRequest posted =
                    HttpRequest.newBuilder(at.resolve("/livez"))
                            .POST(HttpRequest.BodyPublishers.ofString("{}"))
                            .build();
            assertThat(client.send(posted, HttpResponse.BodyHandlers.ofString()).statusCode())
                    .isEqualTo(404);
        }
    }

    @Test
    void itListensOnLoopbackAlone() throws Exception {
        try (HealthListener health = start("health:\n  port: 0\n")) {
            int port = place(health).orElseThrow().getPort();
            List<InetAddress> others =
                    Collections.list(NetworkInterface.getNetworkInterfaces()).stream()
                            .flatMap(i -> Collections.list(i.getInetAddresses()).stream())
                            .filter(address -> !address.isLoopbackAddress())
                            .toList();
            for (InetAddress other : others) {
                assertThatThrownBy(() -> new Socket(other, port).close())
                        .as(other.toString())
                        .isInstanceOf(ConnectException.class);
            }
            new Socket(InetAddress.getLoopbackAddress(), port).close();
        }
    }

    @Test
    void itIsOffUnlessAPortIsSaid() throws Exception {
        try (HealthListener health = start("link:\n  max-age: 30s\n")) {
            assertThat(place(health)).isEmpty();
        }
    }
}
