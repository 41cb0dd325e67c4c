package atlas.runtime.http;

import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Stands between an upstream's bytes and the client. Called on one event loop, never concurrently,
 * and must never block. A filter that throws aborts the response.
 */
public interface StreamFilter {
    /** Takes bytes from upstream, valid only during the call; writes what may leave now. */
    void chunk(byte[] buffer, int offset, int length, ByteSink out);

    /**
     * Upstream ended, with a failure when it broke off. What is written to {@code out} before the
     * stage completes leaves after it; a failed stage aborts the response. The stage may complete
     * on any thread.
     */
    CompletionStage<Void> end(Optional<Throwable> upstreamFailure, ByteSink out);

    /** The client left; upstream is being cancelled. Nothing is called afterwards. */
    void cancelled();
}
