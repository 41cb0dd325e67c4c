package atlas.runtime.http;

import java.net.InetSocketAddress;
import java.time.Duration;

/** A TLS 1.3 listener for HTTP/1.1 and HTTP/2 that hands every complete request to a handler. */
public final class HttpEdge implements AutoCloseable {
    private HttpEdge() {}

    /** Binds and starts; throws {@link EdgeException} when it cannot. */
    public static HttpEdge start(EdgeConfig config, Handler handler) {
        throw new UnsupportedOperationException();
    }

    public InetSocketAddress address() {
        throw new UnsupportedOperationException();
    }

    public void reload(TlsIdentity tls) {
        throw new UnsupportedOperationException();
    }

    public boolean drain(Duration patience) {
        throw new UnsupportedOperationException();
    }

    public EdgeStats stats() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}
