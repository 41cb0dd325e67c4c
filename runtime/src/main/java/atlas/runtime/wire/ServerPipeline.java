package atlas.runtime.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/**
 * Sets a new connection up: counted, then TLS, then the protocol that was agreed on. Nothing is
 * parsed before the handshake is over.
 */
public final class ServerPipeline extends ChannelInitializer<Channel> {
    private final ServerContext context;
    private final Sources sources;
    private final Function<ByteBufAllocator, SslHandler> tls;
    private final Set<Channel> open = ConcurrentHashMap.newKeySet();

    /**
     * @param tls gives the TLS handler of the next connection
     */
    public ServerPipeline(
            ServerContext context,
            int maxConnections,
            int maxPerSource,
            Function<ByteBufAllocator, SslHandler> tls) {
        this.context = context;
        this.sources = new Sources(maxConnections, maxPerSource, context.counters);
        this.tls = tls;
    }

    @Override
    protected void initChannel(Channel channel) {
        context.counters.accepted.increment();
        String source = Sources.key(channel.remoteAddress());
        if (context.draining() || !sources.enter(source)) {
            context.counters.turnedAway.increment();
            channel.close();
            return;
        }
        open.add(channel);
        var unused =
                channel.closeFuture()
                        .addListener(_ -> {
                            open.remove(channel);
                            sources.leave(source);
                        });
        SslHandler ssl = tls.apply(channel.alloc());
        ssl.setHandshakeTimeoutMillis(
                TimeUnit.NANOSECONDS.toMillis(context.limits.handshakeNanos()));
        ssl.setCloseNotifyFlushTimeoutMillis(1_000);
        channel.pipeline().addLast(ssl, new Negotiated());
    }

    /** Tells every connection to finish what it has and go. */
    public void drain() {
        context.drain();
        for (Channel channel : open) {
            channel.eventLoop()
                    .execute(() -> {
                        Connection connection = connection(channel);
                        if (connection != null) {
                            connection.drain();
                        } else {
                            closeNow(channel);
                        }
                    });
        }
    }

    /** Closes every connection at once. */
    public void close() {
        context.drain();
        for (Channel channel : open) {
            channel.eventLoop().execute(() -> closeNow(channel));
        }
    }

    @org.jspecify.annotations.Nullable private static Connection connection(Channel channel) {
        Http1Server first = channel.pipeline().get(Http1Server.class);
        return first != null ? first : channel.pipeline().get(Http2Server.class);
    }

    /** Sends close_notify and keeps the socket open for reading. */
    static void closeOutbound(ChannelHandlerContext ctx) {
        SslHandler ssl = ctx.pipeline().get(SslHandler.class);
        if (ssl != null) {
            ssl.closeOutbound();
        }
    }

    /** Closes the socket without another word. */
    static void closeNow(Channel channel) {
        ChannelHandlerContext ssl = channel.pipeline().context(SslHandler.class);
        if (ssl != null) {
            ssl.close();
        } else {
            channel.close();
        }
    }

    /** Waits for the handshake, then makes way for the protocol. */
    private final class Negotiated extends ChannelInboundHandlerAdapter {
        private boolean done;

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof SslHandshakeCompletionEvent handshake && !done) {
                if (!handshake.isSuccess()) {
                    context.counters.handshakesFailed.increment();
                    done = true;
                    ctx.close();
                    return;
                }
                done = true;
                serve(ctx);
                return;
            }
            ctx.fireUserEventTriggered(event);
        }

        private void serve(ChannelHandlerContext ctx) {
            ChannelPipeline pipeline = ctx.pipeline();
            SslHandler ssl = pipeline.get(SslHandler.class);
            Peer peer =
                    new Peer(
                            Sources.literal(ctx.channel().remoteAddress()),
                            chain(ssl.engine().getSession()));
            if (ApplicationProtocolNames.HTTP_2.equals(ssl.applicationProtocol())) {
                pipeline.addLast(new Http2ServerBuilder(context, peer).make());
            } else {
                pipeline.addLast(new Http1Server(context, peer));
            }
            pipeline.remove(this);
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            // Nothing can come before the handshake is over; what does is not for anybody.
            ((ByteBuf) message).release();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            closeNow(ctx.channel());
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            if (!done) {
                done = true;
                context.counters.handshakesFailed.increment();
            }
            ctx.fireChannelInactive();
        }
    }

    /** The chain the trust manager accepted; empty when the client showed none. */
    private static List<X509Certificate> chain(SSLSession session) {
        try {
            List<X509Certificate> chain = new ArrayList<>();
            for (Certificate certificate : session.getPeerCertificates()) {
                if (certificate instanceof X509Certificate x509) {
                    chain.add(x509);
                }
            }
            return List.copyOf(chain);
        } catch (SSLPeerUnverifiedException e) {
            return List.of();
        }
    }
}
