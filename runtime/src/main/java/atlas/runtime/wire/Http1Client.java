package atlas.runtime.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/1.1 connection to an upstream: one call at a time, strictly parsed. The body is not read
 * before {@link #resume}, so a slow reader slows the upstream. Confined to its event loop.
 */
public final class Http1Client extends ChannelInboundHandlerAdapter implements Sweeper.Swept {
    private static final int MAX_HEADER_BYTES = 64 << 10;
    private static final int MAX_HELD = 64 << 10;

    /** Why a call failed. */
    public enum Failure {
        /** The connection had closed before a byte of the call was sent. */
        STALE,
        CLOSED,
        TIMEOUT,
        PROTOCOL
    }

    /** Hears of a call's answer, on the loop. Exactly one of end and failed comes last. */
    public interface Reply {
        void head(int status, String[] fields);

        /** Body bytes; takes exactly {@code length} from {@code in}. */
        void data(ByteBuf in, int length);

        /** No more bytes are at hand for now. */
        void readComplete();

        void end();

        void failed(Failure failure, String detail);
    }

    /** Hears of the connection itself, on the loop. */
    public interface Owner {
        /** The call ended and the connection can take the next one. */
        void free(Http1Client client);

        void closed(Http1Client client);
    }

    /** A call's parts; {@code target} and {@code fields} have been checked by the caller. */
    public record Request(
            String method, String target, String authority, String[] fields, byte[] body) {}

    private final Owner owner;
    private final long idleNanos;
    private final Responses responses = new Responses();
    private @Nullable ChannelHandlerContext channel;
    private @Nullable ByteBuf in;
    private @Nullable Reply reply;
    private @Nullable EventLoop loop;
    private String method = "";
    private boolean paused;
    private boolean headSeen;
    private boolean reusable;
    private boolean decoding;
    private boolean gone;
    private boolean unreadAtEnd;
    private long headBy;
    private long endBy;
    private long idleSince = System.nanoTime();
    private int place = -1;

    public Http1Client(Owner owner, long idleNanos) {
        this.owner = owner;
        this.idleNanos = idleNanos;
    }

    /** The loop this connection lives on; known once it is connected. */
    public EventLoop loop() {
        if (loop == null) {
            throw new IllegalStateException("not connected yet");
        }
        return loop;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        channel = ctx;
        loop = ctx.channel().eventLoop();
        EventLoops.sweeper(loop).add(this);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        EventLoops.sweeper(ctx.channel().eventLoop()).remove(this);
        if (!unreadAtEnd) {
            dropUnread();
        }
    }

    private void dropUnread() {
        if (in != null && !decoding) {
            in.release();
            in = null;
        }
    }

    /** Sends a call; times are {@link System#nanoTime} values. */
    public void send(Request request, Reply newReply, long newHeadBy, long newEndBy) {
        ChannelHandlerContext ctx = channel;
        if (ctx == null || gone || !ctx.channel().isActive() || reply != null) {
            newReply.failed(Failure.STALE, "the connection had closed");
            return;
        }
        reply = newReply;
        method = request.method();
        headBy = newHeadBy;
        endBy = newEndBy;
        headSeen = false;
        paused = false;
        reusable = true;
        ByteBuf head = head(ctx, request);
        if (request.body().length <= Outflow.LEAST) {
            // In one buffer: two would be copied into a third on the way into one TLS record.
            ctx.write(head.writeBytes(request.body()));
        } else {
            ctx.write(head);
            ctx.write(Unpooled.wrappedBuffer(request.body()));
        }
        ctx.flush();
    }

    private static ByteBuf head(ChannelHandlerContext ctx, Request request) {
        ByteBuf out = ctx.alloc().buffer(1024);
        ByteBufUtil.writeAscii(out, request.method());
        out.writeByte(' ');
        ByteBufUtil.writeAscii(out, request.target());
        ByteBufUtil.writeAscii(out, " HTTP/1.1\r\nhost: ");
        ByteBufUtil.writeAscii(out, request.authority());
        ByteBufUtil.writeAscii(out, "\r\n");
        String[] fields = request.fields();
        for (int i = 0; i < fields.length; i += 2) {
            String name = fields[i];
            if (!RequestRules.hopByHop(name)
                    && !name.equals("host")
                    && !name.equals("content-length")) {
                ByteBufUtil.writeAscii(out, name);
                ByteBufUtil.writeAscii(out, ": ");
                out.writeCharSequence(fields[i + 1], StandardCharsets.ISO_8859_1);
                ByteBufUtil.writeAscii(out, "\r\n");
            }
        }
        boolean mayHaveBody = !request.method().equals("GET") && !request.method().equals("HEAD");
        if (request.body().length > 0 || mayHaveBody) {
            ByteBufUtil.writeAscii(out, "content-length: " + request.body().length + "\r\n");
        }
        ByteBufUtil.writeAscii(out, "\r\n");
        return out;
    }

    /** Stops handing body bytes over, and soon stops reading. */
    public void pause() {
        paused = true;
        if (channel != null) {
            channel.channel().config().setAutoRead(false);
        }
    }

    /** Hands body bytes over again. */
    public void resume() {
        if (!paused) {
            return;
        }
        paused = false;
        if (channel != null) {
            decode();
            Reply current = reply;
            if (current != null) {
                current.readComplete();
            }
            if (unreadAtEnd && !paused) {
                unreadAtEnd = false;
                fail(Failure.CLOSED, "the upstream closed the connection");
                dropUnread();
            } else if (!paused) {
                channel.channel().config().setAutoRead(true);
            }
        }
    }

    /** Closes the connection; a call in progress is not told. */
    public void close() {
        reply = null;
        shut();
        owner.closed(this);
        dropUnread();
    }

    private void shut() {
        gone = true;
        if (channel != null) {
            ServerPipeline.closeNow(channel.channel());
        }
    }

    private void fail(Failure failure, String detail) {
        Reply current = reply;
        reply = null;
        shut();
        owner.closed(this);
        if (current != null) {
            current.failed(failure, detail);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        if (reply == null || unreadAtEnd) {
            // An answer nobody asked for: whatever follows could be taken for the next call's.
            bytes.release();
            shut();
            return;
        }
        in =
                in == null
                        ? bytes
                        : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(ctx.alloc(), in, bytes);
        if (paused && in.readableBytes() > MAX_HELD) {
            ctx.channel().config().setAutoRead(false);
        }
        decode();
    }

    private void decode() {
        if (decoding || in == null) {
            return;
        }
        decoding = true;
        try {
            responses.decode(in);
            if (reply == null && in.isReadable()) {
                shut();
            }
        } catch (BadMessage e) {
            fail(Failure.PROTOCOL, e.detail());
        } finally {
            decoding = false;
            if (in != null && !in.isReadable()) {
                in.release();
                in = null;
            }
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        Reply current = reply;
        if (current != null && headSeen && !paused) {
            current.readComplete();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        gone = true;
        owner.closed(this);
        if (reply != null && paused && in != null) {
            // What came before the end still belongs to whoever is slow to take it.
            unreadAtEnd = true;
        } else {
            fail(Failure.CLOSED, "the upstream closed the connection");
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslCloseCompletionEvent) {
            gone = true;
            ServerPipeline.closeNow(ctx.channel());
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        fail(Failure.CLOSED, "the connection broke");
    }

    @Override
    public void sweep(long now) {
        if (reply == null) {
            if (now - idleSince > idleNanos && !gone && channel != null) {
                gone = true;
                channel.writeAndFlush(Unpooled.EMPTY_BUFFER)
                        .addListener(ChannelFutureListener.CLOSE);
            }
        } else if (now - endBy > 0 || (!headSeen && now - headBy > 0)) {
            fail(Failure.TIMEOUT, "the upstream took too long");
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

    private final class Responses extends Http1Decoder {
        private int status;
        private boolean interim;

        Responses() {
            super(MAX_HEADER_BYTES);
        }

        @Override
        boolean ready() {
            return reply != null && !paused;
        }

        @Override
        void startLine(String line) throws BadMessage {
            boolean shaped =
                    line.length() >= 12
                            && line.startsWith("HTTP/1.1 ")
                            && (line.length() == 12 || line.charAt(12) == ' ');
            int code = 0;
            for (int i = 9; shaped && i < 12; i++) {
                char digit = line.charAt(i);
                shaped = digit >= '0' && digit <= '9';
                code = code * 10 + digit - '0';
            }
            if (!shaped || code < 100 || code > 599) {
                throw BadMessage.malformed("the status line is not HTTP/1.1");
            }
            status = code;
            interim = code < 200;
            if (code == 101) {
                throw BadMessage.malformed("the upstream switched protocols unasked");
            }
        }

        @Override
        long head(Fields fields) throws BadMessage {
            Long framing = framing(fields);
            if (interim) {
                return 0;
            }
            String connection = fields.first("connection");
            reusable = connection == null || !RequestRules.lists(connection, "close");
            boolean bodiless = status == 204 || status == 304 || method.equals("HEAD");
            if (!bodiless && framing == null) {
                throw BadMessage.malformed("the answer has neither a length nor chunks");
            }
            headSeen = true;
            Reply current = reply;
            if (current != null) {
                // The body waits for whoever wants it.
                paused = true;
                current.head(status, fields.toArray());
            }
            return bodiless || framing == null ? 0 : framing;
        }

        @Override
        void content(ByteBuf bytes, int length) {
            Reply current = reply;
            if (current == null) {
                bytes.skipBytes(length);
            } else {
                int before = bytes.readerIndex();
                current.data(bytes, length);
                bytes.readerIndex(before + length);
            }
        }

        @Override
        void end() {
            if (interim) {
                return;
            }
            Reply current = reply;
            reply = null;
            paused = false;
            idleSince = System.nanoTime();
            if (reusable && !gone) {
                if (channel != null) {
                    channel.channel().config().setAutoRead(true);
                }
                owner.free(Http1Client.this);
            } else {
                shut();
                owner.closed(Http1Client.this);
            }
            // Last, so that whoever hears of the end finds the connection returned already.
            if (current != null) {
                current.end();
            }
        }
    }
}
