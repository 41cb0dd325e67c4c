package atlas.runtime.wire;

import io.netty.handler.codec.http2.AbstractHttp2ConnectionHandlerBuilder;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2Settings;

/** Makes the HTTP/2 side of a connection with every limit of the codec turned on. */
final class Http2ServerBuilder
        extends AbstractHttp2ConnectionHandlerBuilder<Http2Server, Http2ServerBuilder> {
    private static final int STREAM_WINDOW = 256 << 10;
    private static final int MAX_RESETS = 200;
    private static final int RESET_WINDOW_SECONDS = 30;

    private final ServerContext context;
    private final Peer peer;
    private final Http2Flood flood = new Http2Flood();
    private final Http2Listener listener = new Http2Listener(flood);

    Http2ServerBuilder(ServerContext context, Peer peer) {
        this.context = context;
        this.peer = peer;
    }

    Http2Server make() {
        server(true);
        frameListener(listener);
        validateHeaders(true);
        initialSettings(
                new Http2Settings()
                        .maxConcurrentStreams(context.limits.maxStreams())
                        .maxHeaderListSize(context.limits.maxHeaderBytes())
                        .initialWindowSize(STREAM_WINDOW));
        decoderEnforceMaxRstFramesPerWindow(MAX_RESETS, RESET_WINDOW_SECONDS);
        encoderEnforceMaxRstFramesPerWindow(MAX_RESETS, RESET_WINDOW_SECONDS);
        decoderEnforceMaxConsecutiveEmptyDataFrames(2);
        decoderEnforceMaxSmallContinuationFrames(8);
        encoderEnforceMaxQueuedControlFrames(1_000);
        gracefulShutdownTimeoutMillis(2_000);
        return build();
    }

    @Override
    protected Http2Server build(
            Http2ConnectionDecoder decoder,
            Http2ConnectionEncoder encoder,
            Http2Settings settings) {
        Http2Server server = new Http2Server(decoder, encoder, settings, context, peer, flood);
        listener.serve(server);
        return server;
    }
}
