package atlas.runtime.http;

import atlas.runtime.wire.Http1Client;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.io.InputStream;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** An answer that arrives on a pooled connection. */
final class PooledResponse implements UpstreamResponse, Http1Client.Reply {
    /** Takes the body, on the loop; exactly one of end and failed comes last. */
    interface Sink {
        void data(ByteBuf in, int length);

        void readComplete();

        void end();

        void failed(UpstreamException failure);
    }

    /** The connection closed before a byte of the call was sent: another one may be tried. */
    static final class Stale extends Exception {
        private static final long serialVersionUID = 1L;

        Stale() {
            super("stale", null, false, false);
        }
    }

    private final String name;
    private final Http1Client client;
    private final CompletableFuture<Boolean> headHere = new CompletableFuture<>();
    private final AtomicBoolean taken = new AtomicBoolean();
    private volatile boolean over;
    private int status;
    private Headers headers = Headers.none();
    private @Nullable Sink sink; // event loop
    private @Nullable UpstreamException failure; // event loop

    PooledResponse(String name, Http1Client client) {
        this.name = name;
        this.client = client;
    }

    EventLoop loop() {
        return client.loop();
    }

    /** Blocks until the head is here. */
    void awaitHead() throws UpstreamException, Stale {
        try {
            headHere.get();
        } catch (InterruptedException e) {
            cancel();
            Thread.currentThread().interrupt();
            throw new UpstreamException(
                    UpstreamException.Kind.CLOSED, "interrupted while waiting for `" + name + "`");
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case Stale stale -> throw stale;
                case UpstreamException failed -> throw failed;
                case null, default ->
                        throw new UpstreamException(
                                UpstreamException.Kind.CLOSED, "`" + name + "` failed", e);
            }
        }
    }

    @Override
    public void head(int newStatus, String[] fields) {
        status = newStatus;
        headers = Headers.checked(fields);
        headHere.complete(true);
    }

    @Override
    public void data(ByteBuf in, int length) {
        if (sink == null) {
            in.skipBytes(length);
        } else {
            sink.data(in, length);
        }
    }

    @Override
    public void readComplete() {
        if (sink != null) {
            sink.readComplete();
        }
    }

    @Override
    public void end() {
        over = true;
        if (sink != null) {
            sink.end();
        }
    }

    @Override
    public void failed(Http1Client.Failure why, String detail) {
        over = true;
        if (why == Http1Client.Failure.STALE) {
            headHere.completeExceptionally(new Stale());
            return;
        }
        UpstreamException.Kind kind =
                switch (why) {
                    case STALE, CLOSED -> UpstreamException.Kind.CLOSED;
                    case TIMEOUT -> UpstreamException.Kind.TIMEOUT;
                    case PROTOCOL -> UpstreamException.Kind.PROTOCOL;
                };
        UpstreamException failed = new UpstreamException(kind, "`" + name + "`: " + detail);
        failure = failed;
        headHere.completeExceptionally(failed);
        if (sink != null) {
            sink.failed(failed);
        }
    }

    /** Starts handing the body over. On the loop. */
    void attach(Sink newSink) {
        if (!taken.compareAndSet(false, true)) {
            throw new IllegalStateException("the body has been taken");
        }
        sink = newSink;
        if (failure != null) {
            newSink.failed(failure);
        } else if (over) {
            newSink.end();
        } else {
            client.resume();
        }
    }

    /** On the loop. */
    void pause() {
        if (!over) {
            client.pause();
        }
    }

    /** On the loop. */
    void resume() {
        if (!over) {
            client.resume();
        }
    }

    @Override
    public int status() {
        return status;
    }

    @Override
    public Headers headers() {
        return headers;
    }

    @Override
    public byte[] body(int maxBytes) throws UpstreamException {
        Collected body = new Collected(name, maxBytes);
        client.loop().execute(() -> attach(body));
        try {
            return body.await();
        } catch (UpstreamException e) {
            cancel();
            throw e;
        }
    }

    @Override
    public InputStream stream() {
        StreamedBody body = new StreamedBody(this);
        client.loop().execute(() -> attach(body));
        return body;
    }

    @Override
    public void cancel() {
        if (!over) {
            client.loop().execute(this::cut);
        }
    }

    private void cut() {
        if (!over) {
            failed(Http1Client.Failure.CLOSED, "the call was cancelled");
            client.close();
        }
    }

    @Override
    public void close() {
        cancel();
    }
}
