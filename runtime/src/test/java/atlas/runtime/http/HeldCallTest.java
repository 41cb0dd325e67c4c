package atlas.runtime.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Calls that are sent when something else is done, and not otherwise. */
class HeldCallTest {
    private static final Duration LONG = Duration.ofSeconds(120);
    private static final TestPki PKI = TestEdge.PKI;

    private volatile CompletableFuture<Boolean> awaited = CompletableFuture.completedFuture(true);
    private final HttpEdge node =
            HttpEdge.start(
                    new EdgeConfig(
                            "node",
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                            PKI.server(),
                            ClientAuth.NONE,
                            EdgeLimits.defaults()),
                    e -> {
                        String done = String.valueOf(awaited.isDone());
                        e.respond(200, Headers.of("x-done", done), new byte[0]);
                    });
    private final Upstream upstream =
            Upstream.open(
                    new UpstreamConfig(
                            "node",
                            "127.0.0.1",
                            node.address().getPort(),
                            Optional.of(PKI.workload("spiffe://x/y")),
                            Optional.empty(),
                            LONG,
                            LONG,
                            LONG,
                            1,
                            Optional.empty()));

    @AfterEach
    void close() {
        upstream.close();
        node.close();
    }

    private String call(CompletionStage<?> ready) throws UpstreamException {
        try (UpstreamResponse answer =
                upstream.send("POST", "/", Headers.none(), new byte[9], LONG, ready)) {
            return answer.headers().first("x-done").orElse("");
        }
    }

    private void awaitInUse(int calls) {
        long end = System.nanoTime() + LONG.toNanos();
        while (upstream.health().inUse() != calls) {
            assertThat(System.nanoTime()).as("%s", upstream.health()).isLessThan(end);
            Thread.onSpinWait();
        }
    }

    @Test
    void sendsNothingBeforeWhatItWaitsForIsDone() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 50; i++) {
                CompletableFuture<Boolean> ready = new CompletableFuture<>();
                awaited = ready;
                Future<String> done = threads.submit(() -> call(ready));
                awaitInUse(1);
                ready.complete(true);
                assertThat(done.get()).isEqualTo("true");
                awaitInUse(0);
            }
        }
        assertThat(node.stats().accepted()).isEqualTo(1);
    }

    @Test
    void sendsNothingWhenWhatItWaitsForFailed() throws Exception {
        assertThat(call(awaited)).isEqualTo("true");
        IllegalStateException no = new IllegalStateException("no");

        assertThatThrownBy(() -> call(CompletableFuture.failedFuture(no))).isSameAs(no);
        assertThatThrownBy(() -> call(CompletableFuture.failedFuture(new CompletionException(no))))
                .isSameAs(no);

        awaitInUse(0);
        assertThat(call(awaited)).isEqualTo("true");
        assertThat(node.stats().requests()).isEqualTo(2);
        assertThat(node.stats().accepted()).isEqualTo(1);
    }

    @Test
    void sendsNothingForACallerWhoGaveUpWaiting() throws Exception {
        CompletableFuture<Boolean> ready = new CompletableFuture<>();
        AtomicReference<Throwable> seen = new AtomicReference<>();
        Thread caller =
                Thread.ofVirtual()
                        .start(() -> {
                            try {
                                call(ready);
                            } catch (UpstreamException e) {
                                seen.set(e);
                            }
                        });
        awaitInUse(1);
        caller.interrupt();
        assertThat(caller.join(LONG)).isTrue();
        assertThat(seen.get()).isInstanceOf(UpstreamException.class);
        awaitInUse(0);

        ready.complete(true);
        awaited = ready;
        assertThat(call(ready)).isEqualTo("true");
        assertThat(node.stats().requests()).isEqualTo(1);
    }
}
