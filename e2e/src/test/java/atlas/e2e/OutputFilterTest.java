package atlas.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A remote engine that leaks a secret, streamed in pieces cut at every place. */
class OutputFilterTest {
    private static final String SECRET = "AKIA" + "Z7Q3M5X2B4N6C8V1";
    private static final String ANSWER =
            "Sure. The key is " + SECRET + " and you should rotate it soon.";

    @TempDir Path temp;

    @Test
    void aSecretIsRedactedWhereverTheStreamIsCut() throws Exception {
        AtomicInteger cut = new AtomicInteger();
        HttpServer engine =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        engine.createContext("/v1/chat/completions", exchange -> leak(exchange, cut.get()));
        engine.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        engine.start();
        Path config =
                Files.writeString(
                        temp.resolve("atlas.yaml"),
                        """
                        gateway:
                          engines:
                            - model: leaky
                              engine-model: leaky
                              host: 127.0.0.1
                              port: %d
                              tls: false
                              input-modalities: []
                        """
                                .formatted(engine.getAddress().getPort()));
        try (Running atlas = Running.up(temp.resolve("home"), "--config", config.toString())) {
            for (int at = 1; at < ANSWER.length(); at++) {
                cut.set(at);
                HttpResponse<String> answer =
                        atlas.post(
                                atlas.gateway("/v1/chat/completions"),
                                atlas.key("consumer"),
                                Map.of(
                                        "model",
                                        "leaky",
                                        "stream",
                                        true,
                                        "messages",
                                        List.of(
                                                Map.of(
                                                        "role", "user",
                                                        "content", "Which key is it?"))));
                assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
                assertThat(text(answer.body()))
                        .as("cut at " + at)
                        .startsWith("Sure. The key is [REDACTED:")
                        .endsWith(" and you should rotate it soon.")
                        .doesNotContain(SECRET);
                assertThat(answer.body()).contains("[DONE]");
            }
        } finally {
            engine.stop(0);
        }
    }

    private static String text(String events) throws IOException {
        StringBuilder text = new StringBuilder();
        for (String line : events.lines().toList()) {
            if (line.startsWith("data: {")) {
                JsonNode event = Running.JSON.readTree(line.substring(6));
                text.append(event.at("/choices/0/delta/content").asText(""));
            }
        }
        return text.toString();
    }

    private static void leak(HttpExchange exchange, int cut) throws IOException {
        exchange.getRequestBody().readAllBytes();
        exchange.getResponseHeaders().set("content-type", "text/event-stream");
        exchange.sendResponseHeaders(200, 0);
        try (OutputStream out = exchange.getResponseBody()) {
            event(out, Map.of("content", ANSWER.substring(0, cut)), null);
            event(out, Map.of("content", ANSWER.substring(cut)), null);
            event(out, Map.of(), "stop");
            out.write("data: [DONE]\n\n".getBytes(StandardCharsets.UTF_8));
        }
    }

    private static void event(OutputStream out, Map<String, String> delta, @Nullable String finish)
            throws IOException {
        Map<String, @Nullable Object> choice = new java.util.HashMap<>();
        choice.put("index", 0);
        choice.put("delta", delta);
        choice.put("finish_reason", finish);
        String json =
                Running.JSON.writeValueAsString(
                        Map.of(
                                "id", "chatcmpl-1",
                                "object", "chat.completion.chunk",
                                "created", 1,
                                "model", "leaky",
                                "choices", List.of(choice)));
        out.write(("data: " + json + "\n\n").getBytes(StandardCharsets.UTF_8));
        out.flush();
    }
}
