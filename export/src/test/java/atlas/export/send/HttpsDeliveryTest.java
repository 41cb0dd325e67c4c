package atlas.export.send;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.core.Sensitive;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HttpsDeliveryTest {
    @TempDir Path folder;

    private record Seen(String path, String authorization, String range, String body) {}

    private final List<Seen> seen = new CopyOnWriteArrayList<>();

    private HttpsServer server(Keys keys, String protocol, int status) throws Exception {
        HttpsServer server =
                HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(
                new HttpsConfigurator(keys.server(Optional.empty())) {
                    @Override
                    public void configure(HttpsParameters parameters) {
                        var own = getSSLContext().getDefaultSSLParameters();
                        own.setProtocols(new String[] {protocol});
                        parameters.setSSLParameters(own);
                    }
                });
        server.createContext("/", exchange -> answer(exchange, status));
        server.start();
        return server;
    }

    private void answer(HttpExchange exchange, int status) throws IOException {
        seen.add(
                new Seen(
                        exchange.getRequestURI().getPath(),
                        exchange.getRequestHeaders().getFirst("authorization"),
                        exchange.getRequestHeaders().getFirst("atlas-journal-range"),
                        new String(exchange.getRequestBody().readAllBytes(), UTF_8)));
        exchange.getResponseHeaders().add("location", "/elsewhere");
        exchange.sendResponseHeaders(status, -1);
        exchange.close();
    }

    private static void deliver(HttpsServer server, TlsPins pins) throws IOException {
        URI uri = URI.create("https://localhost:" + server.getAddress().getPort() + "/in");
        try (Delivery delivery =
                new HttpsDelivery(
                        uri, "application/x-ndjson", pins, Optional.of(Sensitive.of("token-1")))) {
            delivery.deliver(Lines.some());
        }
    }

    @Test
    void aBatchIsPostedWithItsRangeAndTheToken() throws Exception {
        Keys keys = Keys.named(folder, "dns:localhost");
        HttpsServer server = server(keys, "TLSv1.3", 204);
        deliver(server, keys.pinned());
        server.stop(0);
        assertThat(seen).hasSize(1);
        Seen only = seen.getFirst();
        assertThat(only.authorization()).isEqualTo("Bearer token-1");
        assertThat(only.range()).isEqualTo("0-" + (Lines.some().size() - 1));
        assertThat(only.body().lines())
                .containsExactlyElementsOf(
                        Lines.some().stream().map(line -> new String(line.text(), UTF_8)).toList());
    }

    @Test
    void noOtherAnswerConfirmsABatchAndNoRedirectIsFollowed() throws Exception {
        Keys keys = Keys.named(folder, "dns:localhost");
        for (int status : new int[] {302, 307, 400, 401, 500, 503}) {
            HttpsServer server = server(keys, "TLSv1.3", status);
            assertThatThrownBy(() -> deliver(server, keys.pinned()))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(String.valueOf(status));
            server.stop(0);
        }
        assertThat(seen).extracting(Seen::path).containsOnly("/in").hasSize(6);
    }

    @Test
    void nobodyElseIsTakenForTheReceiver() throws Exception {
        Keys keys = Keys.named(folder, "dns:localhost");
        Keys other = Keys.named(folder, "dns:localhost");
        Keys named = Keys.named(folder, "dns:siem.example");
        for (HttpsServer server :
                List.of(server(other, "TLSv1.3", 200), server(keys, "TLSv1.2", 200))) {
            assertThatThrownBy(() -> deliver(server, keys.pinned()))
                    .isInstanceOf(IOException.class);
            server.stop(0);
        }
        HttpsServer server = server(named, "TLSv1.3", 200);
        assertThatThrownBy(() -> deliver(server, named.pinned())).isInstanceOf(IOException.class);
        server.stop(0);
        assertThat(seen).isEmpty();
    }
}
