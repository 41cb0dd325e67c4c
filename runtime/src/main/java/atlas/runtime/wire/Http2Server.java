package atlas.runtime.wire;

import static io.netty.handler.codec.http2.Http2Error.ENHANCE_YOUR_CALM;
import static io.netty.handler.codec.http2.Http2Error.INTERNAL_ERROR;
import static io.netty.handler.codec.http2.Http2Error.NO_ERROR;
import static io.netty.handler.codec.http2.Http2Error.PROTOCOL_ERROR;
import static io.netty.handler.codec.http2.Http2Error.STREAM_CLOSED;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.util.collection.IntObjectHashMap;
import java.util.ArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/2 connection of the edge, on Netty's frame codec and flow control. Streams are plain
 * objects here, not channels: one table, one loop, no hand-over per frame.
 */
final class Http2Server extends Http2ConnectionHandler implements Sweeper.Swept, Connection {
    private static final long CLOSING_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final ServerContext context;
    private final Peer peer;
    private final Http2Flood flood;
    private final StreamHistory history = new StreamHistory();
    private final IntObjectHashMap<Exchanged> streams = new IntObjectHashMap<>();
    private @Nullable ChannelHandlerContext channel;
    private long quietSince = System.nanoTime();
    private long closingSince;
    private boolean settled;
    private boolean leaving;
    private boolean flooded;
    private int place = -1;

    Http2Server(
            Http2ConnectionDecoder decoder,
            Http2ConnectionEncoder encoder,
            Http2Settings settings,
            ServerContext context,
            Peer peer,
            Http2Flood flood) {
        super(decoder, encoder, settings, false, true);
        this.context = context;
        this.peer = peer;
        this.flood = flood;
        encoder.flowController().listener(this::writabilityChanged);
        connection()
                .addListener(
                        new Http2ConnectionAdapter() {
                            @Override
                            public void onStreamClosed(Http2Stream stream) {
                                closed(stream.id());
                            }
                        });
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) throws Exception {
        channel = ctx;
        EventLoops.sweeper(ctx.channel().eventLoop()).add(this);
        super.handlerAdded(ctx);
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext ctx) throws Exception {
        EventLoops.sweeper(ctx.channel().eventLoop()).remove(this);
        super.handlerRemoved0(ctx);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
        super.channelInactive(ctx);
        for (Exchanged left : new ArrayList<>(streams.values())) {
            left.lost();
        }
        streams.clear();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
        if (event instanceof SslCloseCompletionEvent) {
            ServerPipeline.closeNow(ctx.channel());
        } else {
            super.userEventTriggered(ctx, event);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) throws Exception {
        if (Http2CodecUtil.getEmbeddedHttp2Exception(cause) != null) {
            super.exceptionCaught(ctx, cause);
        } else {
            ServerPipeline.closeNow(ctx.channel());
        }
    }

    @Override
    protected void onConnectionError(
            ChannelHandlerContext ctx,
            boolean outbound,
            Throwable cause,
            @Nullable Http2Exception error) {
        if (error != null && error.error() == ENHANCE_YOUR_CALM && !flooded) {
            flooded = true;
            context.counters.floods.increment();
        }
        if (!outbound && error != null) {
            malformed(error);
        }
        super.onConnectionError(ctx, outbound, cause, error);
    }

    /** A protocol error gets no answer of its own, but it is a refusal all the same. */
    private void malformed(Http2Exception error) {
        if (error.error() == PROTOCOL_ERROR || error.error() == ENHANCE_YOUR_CALM) {
            context.counters.refused.increment();
            // Never its message: that quotes names of fields, as long as they were sent.
            BadMessage why = BadMessage.malformed("HTTP/2 " + error.error());
            context.refusals.refused(peer, why, "", RequestIds.next());
        }
    }

    @Override
    protected void onStreamError(
            ChannelHandlerContext ctx,
            boolean outbound,
            Throwable cause,
            Http2Exception.StreamException error) {
        int id = error.streamId();
        boolean onClosed = !outbound && error.error() == STREAM_CLOSED;
        if (!outbound) {
            malformed(error);
        }
        if (onClosed && history.wasSkipped(id)) {
            // RFC 9113 §5.1.1: identifiers only grow; the codec takes this for a closed stream.
            failed(ctx, PROTOCOL_ERROR, "a stream out of order");
        } else if (onClosed && connection().stream(id) == null && history.wasEnded(id)) {
            // RFC 9113 §5.1: who ended a stream sends no more on it, not even by accident.
            failed(ctx, STREAM_CLOSED, "a frame on a stream that has ended");
        } else if (!outbound && tooManySections(error)) {
            super.onStreamError(
                    ctx,
                    false,
                    cause,
                    (Http2Exception.StreamException)
                            Http2Exception.streamError(
                                    id, STREAM_CLOSED, "a field section after the end"));
        } else if (!outbound && opensWithTooMuch(error)) {
            refuseHead(ctx, error);
        } else {
            super.onStreamError(ctx, outbound, cause, error);
        }
    }

    private void failed(ChannelHandlerContext ctx, Http2Error error, String why) {
        Http2Exception failure = Http2Exception.connectionError(error, "%s", why);
        onConnectionError(ctx, false, failure, failure);
        ctx.flush();
    }

    // On a stream the client has ended this is STREAM_CLOSED (RFC 9113 §5.1); the codec says
    // PROTOCOL_ERROR, as it also does for frames that are wrong in themselves.
    private boolean tooManySections(Http2Exception.StreamException error) {
        Http2Stream stream = connection().stream(error.streamId());
        return error.error() == PROTOCOL_ERROR
                && stream != null
                && !stream.state().remoteSideOpen()
                && String.valueOf(error.getMessage()).contains("too many headers");
    }

    private boolean opensWithTooMuch(Http2Exception.StreamException error) {
        return error instanceof Http2Exception.HeaderListSizeException tooLarge
                && tooLarge.duringDecode()
                && !leaving
                && !connection().streamMayHaveExisted(error.streamId());
    }

    /** Answers a head over the limit as any other refused request; the codec drops it unseen. */
    private void refuseHead(ChannelHandlerContext ctx, Http2Exception.StreamException tooLarge) {
        int id = tooLarge.streamId();
        try {
            connection().remote().createStream(id, false);
        } catch (Http2Exception e) {
            super.onStreamError(ctx, false, tooLarge, tooLarge);
            return;
        }
        history.opened(id);
        Exchanged stream = new Exchanged(id);
        streams.put(id, stream);
        int most = context.limits.maxHeaderBytes();
        refuse(
                ctx,
                stream,
                BadMessage.headerTooLarge("the fields are larger than " + most + " bytes"));
    }

    /** The peer's first settings: only now does it count as an HTTP/2 client. */
    void settled() {
        settled = true;
    }

    void headers(ChannelHandlerContext ctx, int id, Http2Headers headers, boolean last)
            throws Http2Exception {
        Exchanged known = streams.get(id);
        if (last) {
            history.ended(id);
        }
        if (known != null) {
            trailers(known, headers, last);
            return;
        }
        history.opened(id);
        if (leaving) {
            reset(ctx, id, Http2Error.REFUSED_STREAM);
            return;
        }
        Exchanged stream = new Exchanged(id);
        streams.put(id, stream);
        try {
            stream.head = Http2Request.read(headers);
            CharSequence length = headers.get("content-length");
            stream.expected = length == null ? -1 : Grammar.contentLength(length.toString());
            if (stream.expected > context.limits.maxBodyBytes()) {
                throw BadMessage.bodyTooLarge(context.limits.maxBodyBytes());
            }
            CharSequence expect = headers.get("expect");
            if (expect != null && !last) {
                goOn(ctx, id, expect);
            }
            if (last) {
                dispatch(ctx, stream);
            }
        } catch (Http2Request.Malformed e) {
            streams.remove(id);
            throw Http2Exception.streamError(id, PROTOCOL_ERROR, "%s", e.getMessage());
        } catch (BadMessage e) {
            refuse(ctx, stream, e);
        }
    }

    private void goOn(ChannelHandlerContext ctx, int id, CharSequence expect) throws BadMessage {
        if (!expect.toString().equalsIgnoreCase("100-continue")) {
            throw new BadMessage(417, "expectation", "only 100-continue can be expected");
        }
        encoder()
                .writeHeaders(
                        ctx,
                        id,
                        new DefaultHttp2Headers(false, 1).status("100"),
                        0,
                        false,
                        ctx.newPromise());
    }

    /** A second field section is trailers: read, judged, dropped (RFC 9113 §8.1). */
    private void trailers(Exchanged stream, Http2Headers trailers, boolean last)
            throws Http2Exception {
        boolean pseudo = false;
        for (CharSequence name : trailers.names()) {
            pseudo |= name.length() > 0 && name.charAt(0) == ':';
        }
        if (!last || pseudo || stream.call != null) {
            streams.remove(stream.id);
            stream.lost();
            throw Http2Exception.streamError(stream.id, PROTOCOL_ERROR, "bad trailers");
        }
        if (channel != null) {
            complete(channel, stream);
        }
    }

    int data(ChannelHandlerContext ctx, int id, ByteBuf data, int padding, boolean last) {
        int taken = data.readableBytes() + padding;
        if (last) {
            history.ended(id);
        }
        Exchanged stream = streams.get(id);
        if (stream == null || stream.call != null || stream.refused) {
            return taken;
        }
        try {
            stream.body.add(data, data.readableBytes(), stream.expected);
            if (last) {
                complete(ctx, stream);
            }
        } catch (BadMessage e) {
            refuse(ctx, stream, e);
        }
        return taken;
    }

    private void complete(ChannelHandlerContext ctx, Exchanged stream) {
        if (!stream.refused) {
            try {
                dispatch(ctx, stream);
            } catch (BadMessage e) {
                refuse(ctx, stream, e);
            }
        }
    }

    private void dispatch(ChannelHandlerContext ctx, Exchanged stream) throws BadMessage {
        RequestHead head = stream.head;
        if (head == null) {
            return;
        }
        if (!context.enter()) {
            throw BadMessage.busy("too many requests are being served");
        }
        Http2Call call = new Http2Call(ctx, stream, head);
        stream.call = call;
        context.dispatch.accept(call);
    }

    /** Answers by itself; the rest of the request's body is not wanted (RFC 9113 §8.1). */
    private void refuse(ChannelHandlerContext ctx, Exchanged stream, BadMessage why) {
        context.counters.refused.increment();
        stream.refused = true;
        stream.body.release();
        String requestId = RequestIds.next();
        String path = stream.head == null ? "" : stream.head.path();
        context.refusals.refused(peer, why, path, requestId);
        byte[] body = context.refusals.render(why, path, requestId);
        Http2Headers headers =
                head(
                        why.status(),
                        new String[] {"content-type", context.refusals.mediaType()},
                        requestId,
                        body.length);
        if (why.status() == 503) {
            headers.add("retry-after", "1");
        }
        encoder().writeHeaders(ctx, stream.id, headers, 0, false, ctx.newPromise());
        ChannelFuture done =
                encoder()
                        .writeData(
                                ctx,
                                stream.id,
                                Unpooled.wrappedBuffer(body),
                                0,
                                true,
                                ctx.newPromise());
        stream.outflow.track(body.length, done);
        Http2Stream state = connection().stream(stream.id);
        if (state != null && state.state().remoteSideOpen()) {
            var unused = done.addListener(_ -> reset(ctx, stream.id, NO_ERROR));
        }
        flush(ctx);
    }

    private void reset(ChannelHandlerContext ctx, int id, Http2Error error) {
        resetStream(ctx, id, error.code(), ctx.newPromise());
        flush(ctx);
    }

    private Http2Headers head(int status, String[] fields, String requestId, long length) {
        Http2Headers headers = new DefaultHttp2Headers(false, 8);
        headers.status(Integer.toString(status));
        for (int i = 0; i < fields.length; i += 2) {
            if (!StatusLine.reserved(fields[i])) {
                headers.add(fields[i], fields[i + 1]);
            }
        }
        headers.add("x-request-id", requestId);
        if (channel != null) {
            headers.add("date", EventLoops.sweeper(channel.channel().eventLoop()).date());
        }
        if (length >= 0 && status != 204) {
            headers.add("content-length", Long.toString(length));
        }
        return headers;
    }

    private void closed(int id) {
        Exchanged stream = streams.remove(id);
        if (stream != null) {
            stream.lost();
        }
        if (streams.isEmpty()) {
            quietSince = System.nanoTime();
        }
    }

    private void writabilityChanged(Http2Stream state) {
        Exchanged stream = streams.get(state.id());
        if (stream != null && stream.call != null && stream.call.writable()) {
            stream.call.nowWritable();
        }
    }

    @Override
    public void sweep(long now) {
        ChannelHandlerContext ctx = channel;
        if (ctx == null) {
            return;
        }
        ServerLimits limits = context.limits;
        long waited = now - quietSince;
        if (closingSince != 0 && now - closingSince > CLOSING_NANOS && streams.isEmpty()) {
            ServerPipeline.closeNow(ctx.channel());
        } else if (streams.isEmpty()
                && closingSince == 0
                && waited > (settled ? limits.idleNanos() : limits.headerNanos())) {
            context.counters.timedOut.increment();
            leave(ctx);
        } else {
            sweepStreams(ctx, now);
        }
    }

    private void sweepStreams(ChannelHandlerContext ctx, long now) {
        if (streams.isEmpty()) {
            return;
        }
        ServerLimits limits = context.limits;
        boolean allStalled = true;
        for (Exchanged stream : new ArrayList<>(streams.values())) {
            boolean slowBody =
                    stream.call == null
                            && !stream.refused
                            && now - stream.since > limits.bodyNanos();
            boolean stalled = stream.outflow.stalled(now, limits.writeNanos());
            allStalled &= stalled;
            if (slowBody) {
                context.counters.timedOut.increment();
                refuse(ctx, stream, new BadMessage(408, "timeout", "the body took too long"));
            } else if (stalled) {
                context.counters.timedOut.increment();
                reset(ctx, stream.id, ENHANCE_YOUR_CALM);
            }
        }
        // A peer that reads nothing at all does not read our resets either.
        if (allStalled && !ctx.channel().isWritable()) {
            ServerPipeline.closeNow(ctx.channel());
        }
    }

    private void leave(ChannelHandlerContext ctx) {
        leaving = true;
        closingSince = System.nanoTime();
        int last = connection().remote().lastStreamCreated();
        var unused = goAway(ctx, last, NO_ERROR.code(), Unpooled.EMPTY_BUFFER, ctx.newPromise());
        flush(ctx);
        if (streams.isEmpty()) {
            ServerPipeline.closeOutbound(ctx);
        }
    }

    @Override
    public void drain() {
        if (channel != null && !leaving) {
            leave(channel);
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

    /** One stream: its request while it arrives, then its call. */
    private final class Exchanged {
        private final int id;
        private final BodyBuffer body = new BodyBuffer(context);
        private final Outflow outflow = new Outflow();
        private final long since = System.nanoTime();
        private @Nullable RequestHead head;
        private @Nullable Http2Call call;
        private long expected = -1;
        private boolean refused;

        Exchanged(int id) {
            this.id = id;
        }

        void lost() {
            if (call != null) {
                call.lost();
            } else {
                body.release();
            }
        }
    }

    /** The exchange on one stream. */
    private final class Http2Call extends Call {
        private final ChannelHandlerContext ctx;
        private final Exchanged stream;

        Http2Call(ChannelHandlerContext ctx, Exchanged stream, RequestHead head) {
            super(context, head, RequestIds.next(), peer, stream.body);
            this.ctx = ctx;
            this.stream = stream;
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
            Http2Stream state = connection().stream(stream.id);
            return state != null && encoder().flowController().isWritable(state);
        }

        @Override
        void sendHead(int status, String[] fields, long length, boolean last) {
            Http2Headers headers = Http2Server.this.head(status, fields, requestId(), length);
            encoder().writeHeaders(ctx, stream.id, headers, 0, last, ctx.newPromise());
        }

        @Override
        void sendBody(ByteBuf data, boolean last) {
            int size = data.readableBytes();
            flood.dataSent();
            stream.outflow.track(
                    size, encoder().writeData(ctx, stream.id, data, 0, last, ctx.newPromise()));
        }

        @Override
        void sendEnd() {
            encoder().writeData(ctx, stream.id, Unpooled.EMPTY_BUFFER, 0, true, ctx.newPromise());
        }

        @Override
        void sendFlush() {
            Http2Server.this.flush(ctx);
        }

        @Override
        void sendAbort() {
            reset(ctx, stream.id, INTERNAL_ERROR);
        }

        @Override
        void over() {
            // The stream leaves the table when the codec closes it, after its last byte.
        }
    }
}
