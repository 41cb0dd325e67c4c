package atlas.runtime.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class HttpEdgeTest {
    private static void echo(Exchange exchange) {
        exchange.respond(
                200,
                Headers.of("content-type", "text/plain", "x-path", exchange.path()),
                exchange.body());
    }

    private static HttpResponse<String> post(
            HttpClient client, TestEdge edge, String path, String b) throws Exception {
        return client.send(
                HttpRequest.newBuilder(edge.uri(path)).POST(BodyPublishers.ofString(b)).build(),
                BodyHandlers.ofString());
    }

    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void answersWithBodyAndRequestId(HttpClient.Version version) throws Exception {
        try (TestEdge edge = TestEdge.with(HttpEdgeTest::echo);
                HttpClient client = TestEdge.client(version)) {
            for (int i = 0; i < 3; i++) {
                HttpResponse<String> answer = post(client, edge, "/a%20b/c", "hello");
                assertThat(answer.version()).isEqualTo(version);
                assertThat(answer.statusCode()).isEqualTo(200);
                assertThat(answer.body()).isEqualTo("hello");
                assertThat(answer.headers().firstValue("x-path")).contains("/a b/c");
                assertThat(answer.headers().firstValue("x-request-id"))
                        .hasValueSatisfying(id -> assertThat(id).matches("req_[a-z2-7]{26}"));
                assertThat(answer.headers().firstValue("server")).isEmpty();
            }
            assertThat(edge.edge().stats().requests()).isEqualTo(3);
        }
    }

    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void streamsWhatIsWritten(HttpClient.Version version) throws Exception {
        Handler handler =
                exchange -> {
                    try (BodyWriter out =
                            exchange.stream(200, Headers.of("content-type", "text/plain"))) {
                        for (int i = 0; i < 1000; i++) {
                            out.write(("line " + i + "\n").getBytes(UTF_8));
                            out.flush();
                        }
                    }
                };
        try (TestEdge edge = TestEdge.with(handler);
                HttpClient client = TestEdge.client(version)) {
            HttpResponse<String> answer = post(client, edge, "/", "");
            assertThat(answer.body().lines()).hasSize(1000).endsWith("line 999");
        }
    }

    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void answersWhenSomethingElseIsDone(HttpClient.Version version) throws Exception {
        Handler handler =
                exchange -> {
                    CompletableFuture<Boolean> done = new CompletableFuture<>();
                    exchange.after(done, () -> echo(exchange));
                    Thread handling = Thread.currentThread();
                    Thread.startVirtualThread(() -> {
                        try {
                            handling.join();
                            done.completeExceptionally(new IllegalStateException("either way"));
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                    });
                };
        try (TestEdge edge = TestEdge.with(handler);
                HttpClient client = TestEdge.client(version)) {
            HttpResponse<String> answer = post(client, edge, "/", "late");
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body()).isEqualTo("late");
        }
    }

    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void answersAnErrorWhenThatBringsNoAnswer(HttpClient.Version version) throws Exception {
        Handler nothing = e -> e.after(CompletableFuture.completedFuture(true), () -> {});
        Handler fault =
                e ->
                        e.after(
                                CompletableFuture.completedFuture(true),
                                () -> {
                                    throw new IllegalStateException("a defect");
                                });
        for (Handler handler : List.of(nothing, fault)) {
            try (TestEdge edge = TestEdge.with(handler);
                    HttpClient client = TestEdge.client(version)) {
                assertThat(post(client, edge, "/", "").statusCode()).isEqualTo(500);
            }
        }
    }
}
