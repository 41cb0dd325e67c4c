package atlas.node.engine;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Collects what an engine says, for tests. */
public final class Answer implements TokenSink {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final List<Token> tokens = new ArrayList<>();
    private final CompletableFuture<Finish> end = new CompletableFuture<>();
    private final CountDownLatch started = new CountDownLatch(1);
    private volatile Optional<Usage> usage = Optional.empty();

    @Override
    public synchronized void token(Token token) {
        tokens.add(token);
        bytes.writeBytes(token.bytes());
        started.countDown();
    }

    @Override
    public void finished(Finish finish, Usage used) {
        usage = Optional.of(used);
        end.complete(finish);
    }

    @Override
    public void failed(EngineException fault) {
        end.completeExceptionally(fault);
    }

    /** Waits for the first token. */
    public void awaitStart() throws InterruptedException {
        if (!started.await(30, TimeUnit.SECONDS)) {
            throw new AssertionError("the engine said nothing");
        }
    }

    /** Waits for the end and tells how it came. */
    public Finish await() throws Exception {
        return end.get(60, TimeUnit.SECONDS);
    }

    /** The whole text, once it has ended. */
    public String text() throws Exception {
        await();
        synchronized (this) {
            return bytes.toString(StandardCharsets.UTF_8);
        }
    }

    public Usage usage() throws Exception {
        await();
        return usage.orElseThrow();
    }

    public synchronized List<Token> tokens() {
        return List.copyOf(tokens);
    }
}
