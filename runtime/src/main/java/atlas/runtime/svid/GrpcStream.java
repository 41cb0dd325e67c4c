package atlas.runtime.svid;

import atlas.runtime.wire.EventLoops;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.handler.codec.http2.Http2StreamFrame;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * One server-streaming gRPC call with an empty request, over HTTP/2 on a unix socket. Tells of each
 * message and, exactly once, of the end; both on an event loop.
 */
final class GrpcStream implements AutoCloseable {
    /** gRPC status codes that are looked at. */
    static final int OK = 0;

    static final int INVALID_ARGUMENT = 3;
    static final int PERMISSION_DENIED = 7;
    static final int UNAVAILABLE = 14;

    private static final int MAX_MESSAGE = 4 << 20;
    private static final int PREFIX = 5;

    /** Told what happens on the stream. */
    interface Listener {
        void message(byte[] message);

        /** The stream is over, whether it ever began. */
        void ended(int status, String why);
    }

    private final String method;
    private final Listener listener;
    private @Nullable Channel connection;
    private boolean closed;
    private boolean ended;

    private GrpcStream(String method, Listener listener) {
        this.method = method;
        this.listener = listener;
    }

    /** Connects and calls; returns at once. */
    static GrpcStream open(Path socket, String method, Listener listener) {
        GrpcStream stream = new GrpcStream(method, listener);
        stream.connect(socket);
        return stream;
    }

    private void connect(Path socket) {
        SocketAddress address =
                EventLoops.epoll()
                        ? new DomainSocketAddress(socket.toFile())
                        : UnixDomainSocketAddress.of(socket);
        Bootstrap bootstrap =
                EventLoops.client(EventLoops.next(), true)
                        .handler(
                                new ChannelInitializer<Channel>() {
                                    @Override
                                    protected void initChannel(Channel channel) {
                                        channel.pipeline()
                                                .addLast(
                                                        Http2FrameCodecBuilder.forClient()
                                                                .initialSettings(
                                                                        Http2Settings
                                                                                .defaultSettings()
                                                                                .pushEnabled(false))
                                                                .build(),
                                                        new Http2MultiplexHandler(
                                                                new ChannelInboundHandlerAdapter()));
                                    }
                                });
        ChannelFuture connecting = bootstrap.connect(address);
        var unused =
                connecting.addListener(_ -> {
                    if (connecting.isSuccess()) {
                        call(connecting.channel());
                    } else {
                        end(UNAVAILABLE, String.valueOf(connecting.cause().getMessage()));
                    }
                });
    }

    private void call(Channel parent) {
        synchronized (this) {
            if (closed) {
                parent.close();
                return;
            }
            connection = parent;
        }
        var unused =
                new Http2StreamChannelBootstrap(parent)
                        .handler(new Answer())
                        .open()
                        .addListener(opened -> {
                            if (opened.isSuccess()) {
                                ask((Channel) opened.getNow());
                            } else {
                                end(UNAVAILABLE, String.valueOf(opened.cause().getMessage()));
                            }
                        });
    }

    private void ask(Channel stream) {
        Http2Headers headers =
                new DefaultHttp2Headers()
                        .method("POST")
                        .scheme("http")
                        .authority("localhost")
                        .path(method)
                        .add("content-type", "application/grpc")
                        .add("te", "trailers")
                        // Workload Endpoint §6.1: without it a request made by another's
                        // browser or proxy would be served.
                        .add("workload.spiffe.io", "true");
        stream.write(new DefaultHttp2HeadersFrame(headers));
        stream.writeAndFlush(
                new DefaultHttp2DataFrame(Unpooled.wrappedBuffer(new byte[PREFIX]), true));
    }

    private void end(int status, String why) {
        synchronized (this) {
            if (ended) {
                return;
            }
            ended = true;
        }
        close();
        listener.ended(status, why);
    }

    /** Ends the call; the listener hears of an end that had not come yet. */
    @Override
    public void close() {
        Channel open;
        synchronized (this) {
            closed = true;
            open = connection;
        }
        if (open != null) {
            open.close();
        }
    }

    /** Puts frames together into messages. */
    private final class Answer extends SimpleChannelInboundHandler<Http2StreamFrame> {
        private final ByteBuf held = Unpooled.buffer();
        private boolean began;

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, Http2StreamFrame frame) {
            switch (frame) {
                case Http2HeadersFrame headers -> headers(headers);
                case Http2DataFrame data -> data(data);
                case Http2ResetFrame _ -> end(UNAVAILABLE, "the stream was reset");
                default -> {}
            }
        }

        private void headers(Http2HeadersFrame frame) {
            Http2Headers headers = frame.headers();
            CharSequence status = headers.get("grpc-status");
            if (status != null) {
                end(code(status), words(headers.get("grpc-message")));
            } else if (frame.isEndStream() || began || !grpc(headers)) {
                end(UNAVAILABLE, "that is not a gRPC server");
            } else {
                began = true;
            }
        }

        private static boolean grpc(Http2Headers headers) {
            CharSequence type = headers.get("content-type");
            return "200".contentEquals(headers.status())
                    && type != null
                    && type.toString().startsWith("application/grpc");
        }

        private void data(Http2DataFrame frame) {
            held.writeBytes(frame.content());
            while (held.readableBytes() >= PREFIX) {
                int compressed = held.getUnsignedByte(held.readerIndex());
                long length = held.getUnsignedInt(held.readerIndex() + 1);
                if (compressed != 0 || length > MAX_MESSAGE) {
                    end(UNAVAILABLE, "a message is compressed or too large");
                    return;
                }
                if (held.readableBytes() < PREFIX + length) {
                    return;
                }
                byte[] message = new byte[(int) length];
                held.skipBytes(PREFIX).readBytes(message);
                held.discardReadBytes();
                listener.message(message);
            }
        }

        private static int code(CharSequence status) {
            try {
                return Integer.parseInt(status, 0, status.length(), 10);
            } catch (NumberFormatException e) {
                return UNAVAILABLE;
            }
        }

        private static String words(@Nullable CharSequence message) {
            StringBuilder words = new StringBuilder();
            for (int i = 0; message != null && i < Math.min(200, message.length()); i++) {
                char c = message.charAt(i);
                words.append(c >= ' ' && c < 127 ? c : '?');
            }
            return words.toString();
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            held.release();
            end(UNAVAILABLE, "the connection ended");
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            end(UNAVAILABLE, String.valueOf(cause.getMessage()));
        }
    }
}
