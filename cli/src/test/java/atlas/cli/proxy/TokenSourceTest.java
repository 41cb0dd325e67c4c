package atlas.cli.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.core.Sensitive;
import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the helper does with its token while a new one cannot be had. */
class TokenSourceTest {
    private static final String TOKEN = "{\"access_token\":\"the-token\",\"expires_in\":400}";

    private final HttpClient client = HttpClient.newHttpClient();
    private Instant now = Instant.parse("2026-11-27T00:00:00Z");
    private Supplier<Optional<Sensitive<String>>> credential =
            () -> Optional.of(Sensitive.of("key"));
    private int status = 200;
    private HttpServer gateway;

    private final Clock clock =
            new Clock() {
                @Override
                public Instant instant() {
                    return now;
                }

                @Override
                public ZoneId getZone() {
                    return ZoneOffset.UTC;
                }

                @Override
                public Clock withZone(ZoneId zone) {
                    return this;
                }
            };

    @BeforeEach
    void start() throws Exception {
        gateway = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        gateway.createContext(
                "/oauth2/token",
                exchange -> {
                    exchange.getRequestBody().readAllBytes();
                    byte[] answer = (status == 200 ? TOKEN : "{}").getBytes(StandardCharsets.UTF_8);
                    exchange.sendResponseHeaders(status, answer.length);
                    exchange.getResponseBody().write(answer);
                    exchange.close();
                });
        gateway.start();
    }

    @AfterEach
    void stop() {
        gateway.stop(0);
        client.shutdownNow();
    }

    private TokenSource source() {
        URI at = URI.create("http://127.0.0.1:" + gateway.getAddress().getPort());
        return new TokenSource(client, at, () -> credential.get(), "", clock);
    }

    @Test
    void aCredentialThatCannotBeReadForAMomentLeavesTheTokenThatHolds() throws Exception {
        TokenSource tokens = source();
        tokens.token();
        credential =
                () -> {
                    throw new IllegalStateException("cannot read the credential: no such file");
                };
        now = now.plusSeconds(350);
        assertThat(tokens.token().reveal()).isEqualTo("the-token");

        now = now.plusSeconds(60);
        assertThatThrownBy(tokens::token)
                .isInstanceOfSatisfying(
                        ProxyException.class, e -> assertThat(e.refused()).isFalse())
                .hasMessageContaining("no such file");
    }

    @Test
    void whatABalancerSaysIsNoWordAboutTheCredential() throws Exception {
        for (int said : new int[] {408, 429, 502}) {
            status = 200;
            TokenSource tokens = source();
            tokens.token();
            now = now.plusSeconds(350);
            status = said;
            assertThat(tokens.token().reveal()).as("" + said).isEqualTo("the-token");
        }
        status = 200;
        TokenSource tokens = source();
        tokens.token();
        now = now.plusSeconds(350);
        status = 401;
        assertThatThrownBy(tokens::token)
                .isInstanceOfSatisfying(
                        ProxyException.class, e -> assertThat(e.refused()).isTrue());
    }

    @Test
    void aRenewalThatFailsOnceIsTriedAgain() {
        int[] tries = {0};
        Runnable renewal =
                LocalProxy.kept(() -> {
                    tries[0]++;
                    throw new IllegalStateException("not now");
                });
        renewal.run();
        renewal.run();
        assertThat(tries[0]).isEqualTo(2);
    }
}
