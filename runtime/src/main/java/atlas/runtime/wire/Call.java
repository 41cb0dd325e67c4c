package atlas.runtime.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;

/**
 * One request and the way back to its client, whatever the protocol version. Everything but the
 * request's own values is confined to {@link #loop}. After the client left, or after the end,
 * further answers are dropped.
 */
public abstract class Call {
    /** Told, on the loop, what happens on the client's side. */
    public interface Watcher {
        /** More bytes are welcome. */
        void writable();

        /** The client left, or the answer was broken off, before its end. */
        void gone();
    }

    private enum Stage {
        FRESH,
        ANSWERING,
        ENDED
    }

    private final ServerContext context;
    private final RequestHead head;
    private final String requestId;
    private final Peer peer;
    private final byte[] body;
    private final BodyBuffer held;
    private volatile Stage stage = Stage.FRESH;
    private @Nullable Watcher watcher;
    private volatile boolean gone;

    Call(ServerContext context, RequestHead head, String requestId, Peer peer, BodyBuffer held) {
        this.context = context;
        this.head = head;
        this.requestId = requestId;
        this.peer = peer;
        this.body = held.take();
        this.held = held;
    }

    public final RequestHead head() {
        return head;
    }

    public final String requestId() {
        return requestId;
    }

    public final Peer peer() {
        return peer;
    }

    public final byte[] body() {
        return body;
    }

    public abstract EventLoop loop();

    public abstract ByteBufAllocator allocator();

    /** Whether the transport wants more bytes now. */
    public abstract boolean writable();

    abstract void sendHead(int status, String[] fields, long length, boolean last);

    abstract void sendBody(ByteBuf data, boolean last);

    /**
     * Sends and flushes a small answer at once where that is cheaper; false to go piece by piece.
     */
    boolean sendWhole(int status, String[] fields, byte[] content) {
        return false;
    }

    abstract void sendEnd();

    abstract void sendFlush();

    /** Breaks the response off so that the client can tell. */
    abstract void sendAbort();

    /** The exchange is over; the connection may go on. */
    abstract void over();

    /** Who is told of the client's side; told at once when the client has left already. */
    public final void watch(Watcher newWatcher) {
        watcher = newWatcher;
        if (gone) {
            newWatcher.gone();
        }
    }

    public final boolean gone() {
        return gone;
    }

    public final boolean ended() {
        return stage == Stage.ENDED;
    }

    public final boolean answering() {
        return stage != Stage.FRESH;
    }

    /** Answers whole. */
    public final void respond(int status, String[] fields, byte[] content) {
        if (stage != Stage.FRESH) {
            return;
        }
        // First: the codec may close the stream within the last write.
        stage = Stage.ENDED;
        boolean bodiless = bodiless(status);
        if (!bodiless && content.length <= Outflow.LEAST && sendWhole(status, fields, content)) {
            finish();
            return;
        }
        sendHead(status, fields, content.length, bodiless || content.length == 0);
        if (!bodiless && content.length > 0) {
            int at = 0;
            while (at < content.length) {
                int take = Math.min(Outflow.LEAST, content.length - at);
                ByteBuf part = allocator().buffer(take).writeBytes(content, at, take);
                at += take;
                sendBody(part, at == content.length);
            }
        }
        sendFlush();
        finish();
    }

    /** Begins an answer of unknown length. */
    public final void begin(int status, String[] fields) {
        if (stage == Stage.FRESH) {
            stage = Stage.ANSWERING;
            sendHead(status, fields, -1, false);
        }
    }

    /** Sends body bytes; takes ownership of {@code data}. */
    public final void data(ByteBuf data) {
        if (stage != Stage.ANSWERING || !data.isReadable() || "HEAD".equals(head.method())) {
            data.release();
            return;
        }
        while (data.readableBytes() > Outflow.LEAST) {
            sendBody(data.readRetainedSlice(Outflow.LEAST), false);
        }
        sendBody(data, false);
    }

    public final void flush() {
        if (stage == Stage.ANSWERING) {
            sendFlush();
        }
    }

    public final void end() {
        if (stage == Stage.ANSWERING) {
            stage = Stage.ENDED;
            sendEnd();
            sendFlush();
            finish();
        }
    }

    /** Gives the answer up; when none had begun the client sees the connection or stream end. */
    public final void abort() {
        if (stage != Stage.ENDED) {
            context.counters.aborted.increment();
            gone = true;
            stage = Stage.ENDED;
            sendAbort();
            finish();
        }
    }

    /** The client left. */
    final void lost() {
        if (stage != Stage.ENDED) {
            context.counters.aborted.increment();
            gone = true;
            stage = Stage.ENDED;
            finish();
            if (watcher != null) {
                watcher.gone();
            }
        }
    }

    final void nowWritable() {
        if (stage == Stage.ANSWERING && watcher != null) {
            watcher.writable();
        }
    }

    final boolean bodiless(int status) {
        return status == 204 || status == 304 || "HEAD".equals(head.method());
    }

    private void finish() {
        held.release();
        context.leave();
        over();
    }
}
