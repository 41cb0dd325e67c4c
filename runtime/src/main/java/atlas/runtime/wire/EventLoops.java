package atlas.runtime.wire;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.internal.logging.InternalLoggerFactory;
import io.netty.util.internal.logging.Slf4JLoggerFactory;
import java.util.IdentityHashMap;
import java.util.Map;

/**
 * The event loops of this process, shared by every edge and upstream so that a request and its
 * upstream connection can live on one loop. Daemon threads, never shut down.
 */
public final class EventLoops {
    static {
        InternalLoggerFactory.setDefaultFactory(Slf4JLoggerFactory.INSTANCE);
    }

    private static final boolean EPOLL = Epoll.isAvailable();
    private static final MultiThreadIoEventLoopGroup GROUP =
            new MultiThreadIoEventLoopGroup(
                    Runtime.getRuntime().availableProcessors(),
                    new DefaultThreadFactory("atlas-loop", true),
                    EPOLL ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
    private static final Map<EventExecutor, Sweeper> SWEEPERS = sweepers();

    private EventLoops() {}

    private static Map<EventExecutor, Sweeper> sweepers() {
        Map<EventExecutor, Sweeper> sweepers = new IdentityHashMap<>();
        for (EventExecutor loop : GROUP) {
            sweepers.put(loop, new Sweeper(loop));
        }
        return sweepers;
    }

    public static EventLoop next() {
        return GROUP.next();
    }

    static Sweeper sweeper(EventLoop loop) {
        Sweeper sweeper = SWEEPERS.get(loop);
        if (sweeper == null) {
            throw new IllegalStateException("a loop of another group");
        }
        return sweeper;
    }

    /** A listener's bootstrap; accepted connections spread over all loops. */
    public static ServerBootstrap server() {
        return new ServerBootstrap()
                .group(GROUP)
                .channel(EPOLL ? EpollServerSocketChannel.class : NioServerSocketChannel.class);
    }

    /** A client's bootstrap on one loop. */
    public static Bootstrap client(EventLoop loop, boolean unixSocket) {
        Bootstrap bootstrap = new Bootstrap().group(loop);
        if (unixSocket) {
            return bootstrap.channel(
                    EPOLL ? EpollDomainSocketChannel.class : NioDomainSocketChannel.class);
        }
        return bootstrap.channel(EPOLL ? EpollSocketChannel.class : NioSocketChannel.class);
    }

    /** Whether sockets are served by epoll; selects the kind of unix socket address. */
    public static boolean epoll() {
        return EPOLL;
    }
}
