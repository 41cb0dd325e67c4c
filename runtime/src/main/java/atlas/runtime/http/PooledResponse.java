package atlas.runtime.http;

import atlas.runtime.wire.Http1Client;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import java.io.InputStream;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
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

    /** Bodies of a known length up to this are taken in with the head: one wait instead of two. */
    private static final int SMALL = 64 << 10;

    private final String name;
    private final Http1Client client;
    private final CompletableFuture<Boolean> headHere = new CompletableFuture<>();
    private final AtomicBoolean taken = new AtomicBoolean();
    private volatile boolean over;
    private int status;
    private Headers headers = Headers.none();
    private byte @Nullable [] small; // event loop until the head is here
    private int smallSize; // event loop until the head is here
    private @Nullable Sink sink; // event loop
    private @Nullable UpstreamException failure; // event loop

    PooledResponse(String name, Http1Client client) {
        this.name = name;
        this.client = client;
    }

    EventLoop loop() {
        return client.loop();
    }

    /** Nothing was sent: what the call had to wait for failed. On the loop. */
    void unsent(Throwable why) {
        over = true;
        Throwable cause = why instanceof CompletionException ? why.getCause() : null;
        headHere.completeExceptionally(cause == null ? why : cause);
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
                case RuntimeException unready -> throw unready;
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
        int length = smallLength();
        if (length < 0) {
            headHere.complete(true);
        } else {
            small = new byte[length];
            client.resume();
        }
    }

    /** The length of the body when it is known and small, else -1. */
    private int smallLength() {
        String length = headers.first("content-length").orElse("");
        if (length.isEmpty() || length.length() > 5) {
            return -1;
        }
        int bytes = 0;
        for (int i = 0; i < length.length(); i++) {
            int digit = length.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            bytes = bytes * 10 + digit;
        }
        return bytes <= SMALL ? bytes : -1;
    }

    @Override
    public void data(ByteBuf in, int length) {
        byte[] into = small;
        if (into != null) {
            int fits = Math.min(length, into.length - smallSize);
            in.readBytes(into, smallSize, fits).skipBytes(length - fits);
            smallSize += fits;
        } else if (sink == null) {
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
        if (small != null) {
            headHere.complete(true);
        }
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
        if (small != null) {
            // The head was there; whoever takes the body learns that it broke off.
            headHere.complete(true);
        }
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
        if (small != null) {
            ByteBuf whole = Unpooled.wrappedBuffer(small, 0, smallSize);
            small = null;
            newSink.data(whole, whole.readableBytes());
        }
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
        byte[] here = small;
        if (over
                && failure == null
                && here != null
                && smallSize == here.length
                && here.length <= maxBytes
                && taken.compareAndSet(false, true)) {
            return here;
        }
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
