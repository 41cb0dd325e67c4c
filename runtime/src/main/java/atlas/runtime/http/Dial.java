package atlas.runtime.http;

import atlas.runtime.wire.EventLoops;
import atlas.runtime.wire.Http1Client;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Opens one upstream connection: name, socket, TLS, peer check. */
final class Dial {
    private Dial() {}

    /** Blocks until the connection is usable. */
    static Http1Client open(
            UpstreamConfig config,
            Egress egress,
            @Nullable SslContext tls,
            EventLoop loop,
            Supplier<Http1Client> clients)
            throws UpstreamException {
        SocketAddress address = address(config, tls != null);
        if (address instanceof InetSocketAddress to && !egress.permits(to)) {
            throw new UpstreamException(
                    UpstreamException.Kind.CONNECT,
                    "the network policy does not allow to connect to `"
                            + config.name()
                            + "` at "
                            + to.getAddress().getHostAddress()
                            + " port "
                            + to.getPort());
        }
        Http1Client client = clients.get();
        SslHandler[] ssl = new SslHandler[1];
        long millis = config.connectTimeout().toMillis();
        Bootstrap bootstrap =
                EventLoops.client(loop, config.unixSocket().isPresent())
                        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) Math.max(1, millis))
                        .option(
                                ChannelOption.WRITE_BUFFER_WATER_MARK,
                                new WriteBufferWaterMark(32 << 10, 64 << 10))
                        .handler(
                                new ChannelInitializer<Channel>() {
                                    @Override
                                    protected void initChannel(Channel channel) {
                                        if (tls != null) {
                                            ssl[0] =
                                                    tls.newHandler(
                                                            channel.alloc(),
                                                            config.host(),
                                                            config.port());
                                            ssl[0].setHandshakeTimeoutMillis(Math.max(1, millis));
                                            channel.pipeline().addLast(ssl[0]);
                                        }
                                        channel.pipeline().addLast(client);
                                    }
                                });
        if (config.unixSocket().isEmpty()) {
            bootstrap.option(ChannelOption.TCP_NODELAY, true);
        }
        await(
                bootstrap.connect(address),
                UpstreamException.Kind.CONNECT,
                "cannot connect to `" + config.name() + "`");
        if (ssl[0] != null) {
            await(
                    ssl[0].handshakeFuture(),
                    UpstreamException.Kind.TLS,
                    "no TLS with `" + config.name() + "`");
        }
        return client;
    }

    private static SocketAddress address(UpstreamConfig config, boolean encrypted)
            throws UpstreamException {
        if (config.unixSocket().isPresent()) {
            Path path = config.unixSocket().get();
            return EventLoops.epoll()
                    ? new DomainSocketAddress(path.toFile())
                    : UnixDomainSocketAddress.of(path);
        }
        try {
            InetAddress ip = InetAddress.getByName(config.host());
            if (!encrypted && !ip.isLoopbackAddress()) {
                throw new UpstreamException(
                        UpstreamException.Kind.TLS,
                        "`" + config.name() + "` is not on loopback: configure TLS for it");
            }
            return new InetSocketAddress(ip, config.port());
        } catch (UnknownHostException e) {
            throw new UpstreamException(
                    UpstreamException.Kind.CONNECT, "no address for `" + config.host() + "`", e);
        }
    }

    private static void await(Future<?> future, UpstreamException.Kind kind, String what)
            throws UpstreamException {
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        var unused =
                future.addListener(f -> {
                    if (f.isSuccess()) {
                        done.complete(true);
                    } else {
                        done.completeExceptionally(f.cause());
                    }
                });
        try {
            done.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UpstreamException(UpstreamException.Kind.CONNECT, what + ": interrupted");
        } catch (ExecutionException e) {
            throw new UpstreamException(kind, what + ": " + reason(e), e);
        }
    }

    private static String reason(ExecutionException failure) {
        Throwable deepest = failure;
        for (int depth = 0; depth < 8 && deepest.getCause() != null; depth++) {
            deepest = deepest.getCause();
        }
        return deepest.getMessage() == null ? "refused" : deepest.getMessage();
    }
}
