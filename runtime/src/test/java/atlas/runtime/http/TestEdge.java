package atlas.runtime.http;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** An edge on a loopback port with a throw-away authority, and the ways to reach it. */
public final class TestEdge implements AutoCloseable {
    public static final TestPki PKI = new TestPki("test root");

    private final HttpEdge edge;

    private TestEdge(HttpEdge edge) {
        this.edge = edge;
    }

    public static TestEdge with(Handler handler) {
        return with(handler, UnaryOperator.identity());
    }

    public static TestEdge with(Handler handler, UnaryOperator<EdgeLimits> limits) {
        return with(handler, limits, ClientAuth.NONE);
    }

    public static TestEdge with(
            Handler handler, UnaryOperator<EdgeLimits> limits, ClientAuth clientAuth) {
        return new TestEdge(
                HttpEdge.start(
                        new EdgeConfig(
                                "test",
                                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                                PKI.server(),
                                clientAuth,
                                limits.apply(EdgeLimits.defaults())),
                        handler));
    }

    /** One that tells of what it refused by itself. */
    static TestEdge telling(Consumer<RefusedHttp> told, Handler handler) {
        return new TestEdge(
                HttpEdge.start(
                        new EdgeConfig(
                                "test",
                                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                                PKI.server(),
                                ClientAuth.NONE,
                                EdgeLimits.defaults()),
                        handler,
                        ErrorBody.problems(),
                        told));
    }

    public HttpEdge edge() {
        return edge;
    }

    public int port() {
        return edge.address().getPort();
    }

    public URI uri(String path) {
        return URI.create("https://localhost:" + port() + path);
    }

    public static HttpClient client(HttpClient.Version version, TlsIdentity... identity) {
        return HttpClient.newBuilder()
                .version(version)
                .sslContext(PKI.clientContext(identity))
                .connectTimeout(Duration.ofSeconds(10))
                .build();
    }

    /** A raw TLS connection that speaks {@code protocols} by ALPN. */
    public SSLSocket socket(String... protocols) throws IOException {
        SSLSocket socket =
                (SSLSocket)
                        PKI.clientContext()
                                .getSocketFactory()
                                .createSocket(InetAddress.getLoopbackAddress(), port());
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(protocols);
        socket.setSSLParameters(parameters);
        socket.setSoTimeout(20_000);
        socket.startHandshake();
        return socket;
    }

    @Override
    public void close() {
        edge.close();
    }
}
