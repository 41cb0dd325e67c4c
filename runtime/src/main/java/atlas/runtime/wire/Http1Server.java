package atlas.runtime.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/1.1 connection of the edge. One request at a time: what is pipelined behind it waits
 * unread, up to a header's worth of bytes, so that a client's leaving is still noticed. After a
 * refusal nothing more is read from the connection: where the next message would begin is unknown.
 */
final class Http1Server extends ChannelInboundHandlerAdapter implements Sweeper.Swept, Connection {
    private static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final ByteBuf CONTINUE = constant("HTTP/1.1 100 Continue\r\n\r\n");
    private static final ByteBuf CRLF = constant("\r\n");
    private static final ByteBuf LAST_CHUNK = constant("0\r\n\r\n");

    private enum Phase {
        IDLE,
        READING,
        ANSWERING,
        LINGERING
    }

    private final ServerContext context;
    private final Peer peer;
    private final Requests requests;
    private final Outflow outflow = new Outflow();
    private @Nullable ChannelHandlerContext channel;
    private @Nullable ByteBuf in;
    private @Nullable Http1Call call;
    private Phase phase = Phase.IDLE;
    private long since = System.nanoTime();
    private boolean bodySeen;
    private boolean served;
    private boolean decoding;
    private int place = -1;

    Http1Server(ServerContext context, Peer peer) {
        this.context = context;
        this.peer = peer;
        this.requests = new Requests();
    }

    private static ByteBuf constant(String text) {
        return Unpooled.unreleasableBuffer(
                        Unpooled.directBuffer()
                                .writeBytes(text.getBytes(StandardCharsets.US_ASCII)))
                .asReadOnly();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        channel = ctx;
        EventLoops.sweeper(ctx.channel().eventLoop()).add(this);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        EventLoops.sweeper(ctx.channel().eventLoop()).remove(this);
        if (in != null) {
            in.release();
            in = null;
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        left();
        ctx.fireChannelInactive();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        // The client's close_notify: a TLS client that stops sending has left.
        if (event instanceof SslCloseCompletionEvent) {
            ctx.close();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }

    private void left() {
        requests.discard();
        if (call != null) {
            call.lost();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        if (phase == Phase.LINGERING) {
            bytes.release();
            return;
        }
        in =
                in == null
                        ? bytes
                        : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(ctx.alloc(), in, bytes);
        if (phase == Phase.ANSWERING) {
            if (in.readableBytes() > context.limits.maxHeaderBytes()) {
                ctx.channel().config().setAutoRead(false);
            }
            return;
        }
        decode(ctx);
    }

    private void decode(ChannelHandlerContext ctx) {
        if (decoding || in == null) {
            return;
        }
        decoding = true;
        try {
            while (requests.ready() && in != null && in.isReadable()) {
                int before = in.readableBytes();
                if (phase == Phase.IDLE) {
                    enter(Phase.READING);
                }
                requests.decode(in);
                if (!requests.inHead() && !bodySeen) {
                    bodySeen = true;
                    since = System.nanoTime();
                }
                if (in.readableBytes() == before) {
                    break;
                }
            }
        } catch (BadMessage e) {
            refuse(ctx, e);
        } finally {
            decoding = false;
            if (in != null && !in.isReadable()) {
                in.release();
                in = null;
            }
        }
    }

    private void enter(Phase next) {
        phase = next;
        since = System.nanoTime();
        bodySeen = false;
    }

    private void refuse(ChannelHandlerContext ctx, BadMessage why) {
        context.counters.refused.increment();
        String path = requests.pathSoFar();
        requests.discard();
        enter(Phase.LINGERING);
        String requestId = RequestIds.next();
        context.refusals.refused(peer, why, path, requestId);
        byte[] body = context.refusals.render(why, path, requestId);
        String[] fields =
                why.status() == 503
                        ? new String[] {
                            "content-type", context.refusals.mediaType(), "retry-after", "1"
                        }
                        : new String[] {"content-type", context.refusals.mediaType()};
        ctx.write(head(ctx, why.status(), fields, requestId, body.length, true));
        ctx.writeAndFlush(Unpooled.wrappedBuffer(body));
        linger(ctx);
    }

    /** Says that nothing more comes, then waits a moment so that the last words arrive. */
    private void linger(ChannelHandlerContext ctx) {
        enter(Phase.LINGERING);
        if (in != null && !decoding) {
            in.release();
            in = null;
        } else if (in != null) {
            in.skipBytes(in.readableBytes());
        }
        ctx.channel().config().setAutoRead(true);
        ServerPipeline.closeOutbound(ctx);
    }

    private static ByteBuf head(
            ChannelHandlerContext ctx,
            int status,
            String[] fields,
            String requestId,
            long length,
            boolean close) {
        ByteBuf out = ctx.alloc().buffer(512);
        ByteBufUtil.writeAscii(out, StatusLine.of(status));
        for (int i = 0; i < fields.length; i += 2) {
            if (!StatusLine.reserved(fields[i])) {
                field(out, fields[i], fields[i + 1]);
            }
        }
        field(out, "x-request-id", requestId);
        field(out, "date", EventLoops.sweeper(ctx.channel().eventLoop()).date());
        if (length >= 0 && status != 204) {
            field(out, "content-length", Long.toString(length));
        } else if (length < 0 && status != 304 && status != 204) {
            field(out, "transfer-encoding", "chunked");
        }
        if (close) {
            field(out, "connection", "close");
        }
        return out.writeShort('\r' << 8 | '\n');
    }

    private static void field(ByteBuf out, String name, String value) {
        ByteBufUtil.writeAscii(out, name);
        out.writeShort(':' << 8 | ' ');
        out.writeCharSequence(value, StandardCharsets.ISO_8859_1);
        out.writeShort('\r' << 8 | '\n');
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (ctx.channel().isWritable()) {
            if (call != null) {
                call.nowWritable();
            } else if (phase == Phase.IDLE) {
                decode(ctx);
            }
        }
        ctx.fireChannelWritabilityChanged();
    }

    @Override
    public void sweep(long now) {
        ChannelHandlerContext ctx = channel;
        if (ctx == null) {
            return;
        }
        ServerLimits limits = context.limits;
        if (outflow.stalled(now, limits.writeNanos())) {
            timeOut(ctx);
            return;
        }
        long waited = now - since;
        switch (phase) {
            case IDLE -> {
                long limit = served ? limits.idleNanos() : limits.headerNanos();
                if (waited > limit && outflow.pending() == 0) {
                    if (!served) {
                        context.counters.timedOut.increment();
                    }
                    linger(ctx);
                }
            }
            case READING -> {
                if (waited > (bodySeen ? limits.bodyNanos() : limits.headerNanos())) {
                    context.counters.timedOut.increment();
                    refuse(
                            ctx,
                            new BadMessage(408, "timeout", "the request took too long to arrive"));
                }
            }
            case ANSWERING -> {}
            case LINGERING -> {
                if (waited > LINGER_NANOS && outflow.pending() == 0) {
                    ctx.close();
                }
            }
        }
    }

    private void timeOut(ChannelHandlerContext ctx) {
        context.counters.timedOut.increment();
        // Not a polite close: the peer does not read, so a close_notify would wait for it too.
        ServerPipeline.closeNow(ctx.channel());
    }

    @Override
    public void drain() {
        ChannelHandlerContext ctx = channel;
        if (ctx != null && phase == Phase.IDLE) {
            linger(ctx);
        }
    }

    @Override
    public int place() {
        return place;
    }

    @Override
    public void place(int newPlace) {
        place = newPlace;
    }

    private final class Requests extends RequestDecoder {
        Requests() {
            super(context);
        }

        @Override
        boolean ready() {
            return (phase == Phase.IDLE || phase == Phase.READING)
                    && channel != null
                    && channel.channel().isWritable();
        }

        @Override
        void expectsContinue() {
            if (channel != null) {
                channel.writeAndFlush(CONTINUE.duplicate());
            }
        }

        @Override
        void request(RequestHead head, BodyBuffer body, boolean keepAlive) {
            ChannelHandlerContext ctx = channel;
            if (ctx == null) {
                body.release();
                return;
            }
            if (!context.enter()) {
                body.release();
                refuse(ctx, BadMessage.busy("too many requests are being served"));
                return;
            }
            enter(Phase.ANSWERING);
            served = true;
            Http1Call next = new Http1Call(ctx, head, body, keepAlive);
            call = next;
            context.dispatch.accept(next);
        }
    }

    /** The exchange in progress on this connection. */
    private final class Http1Call extends Call {
        private final ChannelHandlerContext ctx;
        private boolean keepAlive;
        private boolean chunked;

        Http1Call(ChannelHandlerContext ctx, RequestHead head, BodyBuffer body, boolean keepAlive) {
            super(context, head, RequestIds.next(), peer, body);
            this.ctx = ctx;
            this.keepAlive = keepAlive;
        }

        @Override
        public EventLoop loop() {
            return ctx.channel().eventLoop();
        }

        @Override
        public ByteBufAllocator allocator() {
            return ctx.alloc();
        }

        @Override
        public boolean writable() {
            return ctx.channel().isWritable();
        }

        @Override
        void sendHead(int status, String[] fields, long length, boolean last) {
            keepAlive &= !context.draining();
            chunked = length < 0 && !bodiless(status);
            write(Http1Server.head(ctx, status, fields, requestId(), length, !keepAlive));
        }

        /** In one buffer: two would be copied into a third on the way into one TLS record. */
        @Override
        boolean sendWhole(int status, String[] fields, byte[] content) {
            keepAlive &= !context.draining();
            int length = content.length;
            ByteBuf whole = Http1Server.head(ctx, status, fields, requestId(), length, !keepAlive);
            write(whole.writeBytes(content));
            ctx.flush();
            return true;
        }

        @Override
        void sendBody(ByteBuf data, boolean last) {
            if (chunked) {
                ByteBuf size = ctx.alloc().buffer(12);
                ByteBufUtil.writeAscii(size, Integer.toHexString(data.readableBytes()));
                write(size.writeShort('\r' << 8 | '\n'));
                write(data);
                write(CRLF.duplicate());
            } else {
                write(data);
            }
        }

        @Override
        void sendEnd() {
            if (chunked) {
                write(LAST_CHUNK.duplicate());
            }
        }

        private void write(ByteBuf bytes) {
            int size = bytes.readableBytes();
            ChannelFuture written = ctx.write(bytes);
            outflow.track(size, written);
        }

        @Override
        void sendFlush() {
            ctx.flush();
        }

        @Override
        void sendAbort() {
            // No last chunk and no close_notify: the client must not take this for the end.
            keepAlive = false;
            ServerPipeline.closeNow(ctx.channel());
        }

        @Override
        void over() {
            call = null;
            if (!ctx.channel().isActive()) {
                return;
            }
            if (!keepAlive || context.draining()) {
                linger(ctx);
                return;
            }
            enter(Phase.IDLE);
            ctx.channel().config().setAutoRead(true);
            decode(ctx);
        }
    }
}
