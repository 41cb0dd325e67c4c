package atlas.runtime.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What an edge says to those who do not speak as they should, and how its sessions are made. */
@Timeout(60)
class TlsOnlyTest {
    private static TestEdge edge;

    @BeforeAll
    static void start() {
        edge = TestEdge.with(exchange -> exchange.respond(200, Headers.none(), new byte[0]));
    }

    @AfterAll
    static void stop() {
        edge.close();
    }

    /** Everything it answers until it closes. */
    private static byte[] answer(byte[] said) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), edge.port())) {
            socket.setSoTimeout(30_000);
            socket.getOutputStream().write(said);
            return socket.getInputStream().readAllBytes();
        } catch (java.net.SocketException reset) {
            return new byte[0];
        }
    }

    @Test
    void plaintextGetsAnAlertOrNothing() throws IOException {
        for (String said :
                List.of(
                        "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
                        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                        "SSH-2.0-x\r\n",
                        "\u0000\u0000\u0000\u0008\u0004\u00d2\u0016/",
                        "CONNECT example.com:443 HTTP/1.1\r\n\r\n")) {
            byte[] answer = answer(said.getBytes(US_ASCII));
            boolean alert = answer.length == 7 && answer[0] == 21 && answer[1] == 3;
            assertThat(answer.length == 0 || alert).as("%s: %s", said, answer).isTrue();
        }
    }

    @Test
    void anOlderVersionIsRefused() throws IOException {
        try (SSLSocket socket =
                (SSLSocket)
                        TestEdge.PKI
                                .clientContext()
                                .getSocketFactory()
                                .createSocket("localhost", edge.port())) {
            socket.setEnabledProtocols(new String[] {"TLSv1.2"});
            assertThatThrownBy(socket::startHandshake)
                    .isInstanceOf(SSLException.class)
                    .hasMessageContaining("protocol_version");
        }
    }

    @Test
    void theHybridGroupIsThereForWhoeverAsksForItAlone() throws Exception {
        assumeTrue(OpenSsl.isAvailable(), "without BoringSSL the JDK's groups are offered");
        assertThat(handshakes("X25519MLKEM768")).isTrue();
        assertThat(handshakes("X25519")).isTrue();
        assertThat(handshakes("P-521")).isFalse();
    }

    /** Whether a client that knows this group and no other is understood. */
    private static boolean handshakes(String group) throws Exception {
        SslContext context =
                SslContextBuilder.forClient()
                        .sslProvider(SslProvider.OPENSSL)
                        .protocols("TLSv1.3")
                        .trustManager(TestEdge.PKI.root())
                        .option(OpenSslContextOption.GROUPS, new String[] {group})
                        .endpointIdentificationAlgorithm(null)
                        .build();
        EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try {
            Channel channel =
                    new Bootstrap()
                            .group(loop)
                            .channel(NioSocketChannel.class)
                            .handler(
                                    new ChannelInitializer<>() {
                                        @Override
                                        protected void initChannel(Channel made) {
                                            made.pipeline()
                                                    .addLast(context.newHandler(made.alloc()));
                                        }
                                    })
                            .connect(InetAddress.getLoopbackAddress(), edge.port())
                            .sync()
                            .channel();
            boolean done =
                    channel.pipeline().get(SslHandler.class).handshakeFuture().await().isSuccess();
            channel.close().sync();
            return done;
        } finally {
            loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
        }
    }
}
