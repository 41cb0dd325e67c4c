package atlas.gateway;

import atlas.runtime.http.Headers;
import atlas.runtime.http.UpstreamException;
import atlas.runtime.http.UpstreamException.Kind;
import atlas.runtime.http.UpstreamResponse;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** An engine's answer, perhaps one that breaks off. */
final class FakeResponse implements UpstreamResponse {
    private final int status;
    private final String type;
    final byte[] bytes;
    final boolean breaksOff;
    volatile boolean cancelled;
    volatile boolean closed;

    private FakeResponse(int status, String type, String text, boolean breaksOff) {
        this.status = status;
        this.type = type;
        this.bytes = text.getBytes(StandardCharsets.UTF_8);
        this.breaksOff = breaksOff;
    }

    static FakeResponse json(int status, String body) {
        return new FakeResponse(status, "application/json", body, false);
    }

    static FakeResponse stream(String body) {
        return new FakeResponse(200, "text/event-stream", body, false);
    }

    FakeResponse breakingOff() {
        return new FakeResponse(status, type, new String(bytes, StandardCharsets.UTF_8), true);
    }

    @Override
    public int status() {
        return status;
    }

    @Override
    public Headers headers() {
        return Headers.of("content-type", type);
    }

    @Override
    public byte[] body(int maxBytes) throws UpstreamException {
        if (cancelled || breaksOff) {
            throw new UpstreamException(Kind.CLOSED, "broke off");
        }
        if (bytes.length > maxBytes) {
            throw new UpstreamException(Kind.TOO_LARGE, "too large");
        }
        return bytes.clone();
    }

    @Override
    public InputStream stream() {
        return new ByteArrayInputStream(bytes);
    }

    @Override
    public void cancel() {
        cancelled = true;
    }

    @Override
    public void close() {
        closed = true;
    }
}
