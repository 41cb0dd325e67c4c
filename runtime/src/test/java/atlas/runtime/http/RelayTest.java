package atlas.runtime.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import atlas.core.WorkloadId;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class RelayTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final WorkloadId NODE = new WorkloadId("atlas.test", "/node");
    private static final int CHUNKS = 64;

    private final AtomicLong produced = new AtomicLong();
    private final CountDownLatch upstreamGone = new CountDownLatch(1);
    private final CountDownLatch cancelled = new CountDownLatch(1);
    private final HttpEdge node =
            HttpEdge.start(
                    new EdgeConfig(
                            "node",
                            new java.net.InetSocketAddress("127.0.0.1", 0),
                            TestEdge.PKI.workload(NODE.uri()),
                            ClientAuth.REQUIRED,
                            EdgeLimits.defaults()),
                    this::produce);
    private final Upstream upstream =
            Upstream.open(
                    UpstreamTest.config(
                            node.address().getPort(),
                            Optional.of(TestEdge.PKI.workload("spiffe://atlas.test/gateway")),
                            Optional.of(NODE)));

    @AfterEach
    void stop() {
        upstream.close();
        node.close();
    }

    private void produce(Exchange exchange) throws IOException {
        exchange.onClose(upstreamGone::countDown);
        BodyWriter out = exchange.stream(200, Headers.none());
        try {
            switch (exchange.path()) {
                case "/endless" -> {
                    byte[] block = new byte[16 << 10];
                    while (true) {
                        out.write(block);
                        out.flush();
                        produced.addAndGet(block.length);
                    }
                }
                case "/broken" -> {
                    out.write("half".getBytes(UTF_8));
                    out.flush();
                    out.abort();
                }
                default -> {
                    for (int i = 0; i < CHUNKS; i++) {
                        out.write(("chunk " + i + "\n").getBytes(UTF_8));
                        out.flush();
                    }
                    out.close();
                }
            }
        } catch (IOException e) {
            out.abort();
        }
    }

    /** Upper-cases, and ends when told to. */
    private final class Shout implements StreamFilter {
        private final CompletionStage<Void> ending;

        Shout(CompletionStage<Void> ending) {
            this.ending = ending;
        }

        @Override
        public void chunk(byte[] buffer, int offset, int length, ByteSink out) {
            byte[] shouted =
                    new String(buffer, offset, length, UTF_8).toUpperCase().getBytes(UTF_8);
            out.write(shouted, 0, shouted.length);
        }

        @Override
        public CompletionStage<Void> end(Optional<Throwable> failure, ByteSink out) {
            byte[] last = (failure.isPresent() ? "broke off" : "all").getBytes(UTF_8);
            return ending.thenRun(() -> out.write(last, 0, last.length));
        }

        @Override
        public void cancelled() {
            cancelled.countDown();
        }
    }

    private Handler relay(StreamFilter filter) {
        return exchange -> {
            UpstreamResponse response =
                    upstream.send("GET", exchange.path(), Headers.none(), new byte[0], LONG);
            exchange.relay(response.status(), Headers.of("x-relay", "1"), response, filter);
        };
    }

    private static HttpResponse<String> get(TestEdge edge, HttpClient client, String path)
            throws Exception {
        return client.send(
                HttpRequest.newBuilder(edge.uri(path)).timeout(LONG).build(),
                BodyHandlers.ofString());
    }

    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void leadsEveryByteThroughTheFilterAndEndsWhenTheFilterDoes(HttpClient.Version version)
            throws Exception {
        CompletableFuture<Void> later = new CompletableFuture<>();
        CompletableFuture.delayedExecutor(50, TimeUnit.MILLISECONDS)
                .execute(() -> later.complete(null));
        try (TestEdge edge = TestEdge.with(relay(new Shout(later)));
                HttpClient client = TestEdge.client(version)) {
            for (int i = 0; i < 3; i++) {
                HttpResponse<String> answer = get(edge, client, "/chunks");
                assertThat(answer.body().lines())
                        .hasSize(CHUNKS + 1)
                        .startsWith("CHUNK 0")
                        .endsWith("all");
            }
            assertThat(upstream.health().open()).isLessThanOrEqualTo(3);
        }
    }

    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void tellsTheFilterWhenUpstreamBreaksOff(HttpClient.Version version) throws Exception {
        Shout filter = new Shout(CompletableFuture.completedFuture(null));
        try (TestEdge edge = TestEdge.with(relay(filter));
                HttpClient client = TestEdge.client(version)) {
            assertThat(get(edge, client, "/broken").body()).isEqualTo("HALFbroke off");
        }
    }

    @ParameterizedTest
    @EnumSource(HttpClient.Version.class)
    void abortsTheAnswerWhenTheFilterFailsToEnd(HttpClient.Version version) throws Exception {
        Shout filter =
                new Shout(CompletableFuture.failedFuture(new IllegalStateException("no journal")));
        try (TestEdge edge = TestEdge.with(relay(filter));
                HttpClient client = TestEdge.client(version)) {
            assertThat(
                            org.assertj.core.api.Assertions.catchThrowable(
                                    () -> get(edge, client, "/chunks")))
                    .isInstanceOf(IOException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"HTTP_1_1", "HTTP_2"})
    void cancelsUpstreamWhenTheClientLeaves(String version) throws Exception {
        Shout filter = new Shout(CompletableFuture.completedFuture(null));
        try (TestEdge edge = TestEdge.with(relay(filter));
                HttpClient client = TestEdge.client(HttpClient.Version.valueOf(version))) {
            HttpResponse<InputStream> answer =
                    client.send(
                            HttpRequest.newBuilder(edge.uri("/endless")).build(),
                            BodyHandlers.ofInputStream());
            assertThat(answer.body().readNBytes(1000)).hasSize(1000);
            answer.body().close();
            assertThat(cancelled.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(upstreamGone.await(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void stopsReadingUpstreamWhileTheClientDoesNotRead() throws Exception {
        Shout filter = new Shout(CompletableFuture.completedFuture(null));
        try (TestEdge edge = TestEdge.with(relay(filter));
                SSLSocket client = edge.socket("http/1.1")) {
            client.getOutputStream()
                    .write("GET /endless HTTP/1.1\r\nhost: localhost\r\n\r\n".getBytes(UTF_8));
            assertThat(client.getInputStream().read()).isEqualTo('H');
            long before;
            long after = -1;
            // Settled means: two looks a second apart see the same number.
            do {
                before = after;
                after = produced.get();
                new CountDownLatch(1).await(1, TimeUnit.SECONDS);
            } while (after != before || after == 0);
            // Kernel socket buffers on four sockets, plus a few of ours.
            assertThat(produced.get()).isLessThan(24 << 20);
        }
    }

    @Test
    void relaysAnswersThatDidNotComeFromAPool() throws Exception {
        UpstreamResponse canned =
                new UpstreamResponse() {
                    @Override
                    public int status() {
                        return 200;
                    }

                    @Override
                    public Headers headers() {
                        return Headers.none();
                    }

                    @Override
                    public byte[] body(int maxBytes) {
                        return "quiet".getBytes(UTF_8);
                    }

                    @Override
                    public InputStream stream() {
                        return new java.io.ByteArrayInputStream(body(5));
                    }

                    @Override
                    public void cancel() {}

                    @Override
                    public void close() {}
                };
        StreamFilter filter = new Shout(CompletableFuture.completedFuture(null));
        try (TestEdge edge = TestEdge.with(e -> e.relay(200, Headers.none(), canned, filter));
                HttpClient client = TestEdge.client(HttpClient.Version.HTTP_2)) {
            assertThat(get(edge, client, "/").body()).isEqualTo("QUIETall");
        }
    }
}
