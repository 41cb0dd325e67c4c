package atlas.runtime.http;

import java.time.Duration;

/** A pooled HTTP/1.1 client over TLS 1.3 with a client certificate. */
public final class Upstream implements AutoCloseable {
    private Upstream() {}

    public static Upstream open(UpstreamConfig config) {
        throw new UnsupportedOperationException();
    }

    /** Sends and blocks until the response head is here. */
    public UpstreamResponse send(
            String method, String path, Headers headers, byte[] body, Duration deadline)
            throws UpstreamException {
        throw new UpstreamException(UpstreamException.Kind.CONNECT, "not open");
    }

    @Override
    public void close() {}
}
