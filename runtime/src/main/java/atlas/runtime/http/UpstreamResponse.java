package atlas.runtime.http;

import java.io.InputStream;

/**
 * An upstream's answer: head here, body still on its way. Exactly one of {@link #body}, {@link
 * #stream} or a relay takes the body; closing before its end cancels the call.
 */
public interface UpstreamResponse extends AutoCloseable {
    int status();

    Headers headers();

    /** Blocks until the whole body is here; more than {@code maxBytes} is {@code TOO_LARGE}. */
    byte[] body(int maxBytes) throws UpstreamException;

    /** The body as it arrives; reads block, and the upstream is not read ahead of the reader. */
    InputStream stream();

    /** Gives the call up: the connection is closed, so the upstream notices. */
    void cancel();

    @Override
    void close();
}
