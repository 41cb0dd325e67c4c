package atlas.runtime.http;

import atlas.runtime.Problem;
import atlas.runtime.tls.PeerTrust;
import atlas.runtime.tls.TlsContexts;
import atlas.runtime.wire.BadMessage;
import atlas.runtime.wire.Call;
import atlas.runtime.wire.EventLoops;
import atlas.runtime.wire.Peer;
import atlas.runtime.wire.ServerContext;
import atlas.runtime.wire.ServerCounters;
import atlas.runtime.wire.ServerLimits;
import atlas.runtime.wire.ServerPipeline;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.handler.ssl.SslContext;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;

/**
 * A TLS 1.3 listener for HTTP/1.1 and HTTP/2 that hands every complete, well-formed, bounded
 * request to a handler on a virtual thread of its own.
 *
 * <p>Whatever is malformed, too large, too slow or too much is refused here and never reaches the
 * handler. Thread-safe. {@link #drain} blocks; the rest returns at once.
 */
public final class HttpEdge implements AutoCloseable {
    private final EdgeConfig config;
    private final Handler handler;
    private final ErrorBody errors;
    private final ServerCounters counters = new ServerCounters();
    private final ServerPipeline pipeline;
    private final Channel listener;
    private final Consumer<RefusedHttp> told;
    private volatile SslContext tls;
    private volatile ServerNames names;

    private HttpEdge(
            EdgeConfig config, Handler handler, ErrorBody errors, Consumer<RefusedHttp> told) {
        this.config = config;
        this.handler = handler;
        this.errors = errors;
        this.told = told;
        this.tls = context(config.tls(), config.clientAuth());
        this.names = ServerNames.of(config.tls());
        ServerContext context =
                new ServerContext(limits(config.limits()), counters, refusals(), this::dispatch);
        this.pipeline =
                new ServerPipeline(
                        context,
                        config.limits().maxConnections(),
                        config.limits().maxConnectionsPerSource(),
                        allocator -> TlsContexts.accept(tls, allocator));
        this.listener = bind();
    }

    /** Binds and starts; throws {@link EdgeException} when it cannot. */
    public static HttpEdge start(EdgeConfig config, Handler handler) {
        return start(config, handler, ErrorBody.problems());
    }

    /** Starts with answers to refused requests in the dialect of the API served. */
    public static HttpEdge start(EdgeConfig config, Handler handler, ErrorBody errors) {
        return start(config, handler, errors, _ -> {});
    }

    /**
     * Starts, and tells of every request that was refused before it became an exchange.
     *
     * @param told called on a virtual thread of its own
     */
    public static HttpEdge start(
            EdgeConfig config, Handler handler, ErrorBody errors, Consumer<RefusedHttp> told) {
        return new HttpEdge(config, handler, errors, told);
    }

    private Channel bind() {
        ChannelFuture bound =
                EventLoops.server()
                        .option(ChannelOption.SO_BACKLOG, 1024)
                        .option(ChannelOption.SO_REUSEADDR, true)
                        .childOption(ChannelOption.TCP_NODELAY, true)
                        .childOption(
                                ChannelOption.WRITE_BUFFER_WATER_MARK,
                                new WriteBufferWaterMark(32 << 10, 64 << 10))
                        .childHandler(pipeline)
                        .bind(config.bind())
                        .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new EdgeException("cannot listen on `" + config.bind() + "`", bound.cause());
        }
        return bound.channel();
    }

    /** Where it listens, with the port the system chose when the configured one was 0. */
    public InetSocketAddress address() {
        return (InetSocketAddress) listener.localAddress();
    }

    /**
     * Serves new connections with another identity and trust; open ones keep theirs. An unusable
     * identity is an {@link EdgeException} and changes nothing.
     */
    public void reload(TlsIdentity identity) {
        SslContext renewed = context(identity, config.clientAuth());
        names = ServerNames.of(identity);
        tls = renewed;
    }

    /**
     * Stops accepting, tells clients to go, waits for exchanges in flight and closes. True when all
     * of them ended in time; what was left is cut off.
     */
    public boolean drain(Duration patience) {
        listener.close().awaitUninterruptibly();
        pipeline.drain();
        long deadline = System.nanoTime() + patience.toNanos();
        while (busy() && System.nanoTime() - deadline < 0) {
            LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
        }
        boolean drained = counters.inFlight.get() == 0;
        pipeline.close();
        return drained;
    }

    private boolean busy() {
        return counters.inFlight.get() > 0 || counters.open.get() > 0;
    }

    /** Counters since the start. */
    public EdgeStats stats() {
        return new EdgeStats(
                counters.open.get(),
                counters.accepted.sum(),
                counters.turnedAway.sum(),
                counters.handshakesFailed.sum(),
                counters.requests.sum(),
                counters.inFlight.get(),
                counters.refused.sum(),
                counters.aborted.sum(),
                counters.timedOut.sum(),
                counters.floods.sum());
    }

    /** Closes the listener and every connection at once. */
    @Override
    public void close() {
        listener.close().awaitUninterruptibly();
        pipeline.close();
    }

    private void dispatch(Call call) {
        EdgeExchange.dispatch(call, handler, errors, names);
    }

    private ServerContext.Refusals refusals() {
        return new ServerContext.Refusals() {
            @Override
            public byte[] render(BadMessage why, String path, String requestId) {
                Problem problem =
                        new Problem(why.slug(), why.status(), title(why.slug()), why.detail());
                return errors.json(problem, path, requestId);
            }

            @Override
            public String mediaType() {
                return errors.mediaType();
            }

            @Override
            public void refused(Peer peer, BadMessage why, String path, String requestId) {
                if (why.status() != 503) {
                    String reason = why.slug().replace('-', '_');
                    RefusedHttp refused =
                            new RefusedHttp(requestId, peer.source(), path, reason, why.detail());
                    Thread.ofVirtual().name("refusal").start(() -> told.accept(refused));
                }
            }
        };
    }

    private static String title(String slug) {
        return slug.replace('-', ' ');
    }

    private static SslContext context(TlsIdentity identity, ClientAuth auth) {
        try {
            return TlsContexts.server(
                    identity.key(),
                    identity.chain(),
                    PeerTrust.ofClients(identity.trust(), identity.bundles()),
                    switch (auth) {
                        case NONE -> io.netty.handler.ssl.ClientAuth.NONE;
                        case OPTIONAL -> io.netty.handler.ssl.ClientAuth.OPTIONAL;
                        case REQUIRED -> io.netty.handler.ssl.ClientAuth.REQUIRE;
                    });
        } catch (SSLException | IllegalArgumentException e) {
            throw new EdgeException("the TLS identity cannot be used", e);
        }
    }

    private static ServerLimits limits(EdgeLimits limits) {
        // A quarter of the heap may be request bodies; beyond that strangers wait.
        long bodyBudget = Math.max(limits.maxBodyBytes(), Runtime.getRuntime().maxMemory() / 4);
        return new ServerLimits(
                limits.maxHeaderBytes(),
                limits.maxBodyBytes(),
                limits.handshakeTimeout().toNanos(),
                limits.headerTimeout().toNanos(),
                limits.bodyTimeout().toNanos(),
                limits.idleTimeout().toNanos(),
                limits.writeTimeout().toNanos(),
                limits.maxConcurrentStreams(),
                bodyBudget,
                limits.maxConnections());
    }
}
