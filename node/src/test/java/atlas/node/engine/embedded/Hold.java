package atlas.node.engine.embedded;

import atlas.node.engine.EngineException;
import atlas.node.engine.TokenSink;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Stops the engine's thread at the first token until it is released. */
final class Hold implements TokenSink {
    private final CountDownLatch started = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);
    private final CompletableFuture<Finish> end = new CompletableFuture<>();

    @Override
    public void token(Token token) {
        started.countDown();
        try {
            if (!released.await(30, TimeUnit.SECONDS)) {
                throw new AssertionError("never released");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void finished(Finish finish, Usage usage) {
        started.countDown();
        end.complete(finish);
    }

    @Override
    public void failed(EngineException fault) {
        started.countDown();
    }

    void awaitStart() throws InterruptedException {
        if (!started.await(30, TimeUnit.SECONDS)) {
            throw new AssertionError("never started");
        }
    }

    Finish await() throws Exception {
        return end.get(30, TimeUnit.SECONDS);
    }

    void release() {
        released.countDown();
    }
}
