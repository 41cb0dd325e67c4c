package atlas.gateway;

import atlas.runtime.http.BodyWriter;
import atlas.runtime.http.Exchange;
import atlas.runtime.http.Headers;
import atlas.runtime.http.StreamFilter;
import atlas.runtime.http.UpstreamResponse;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A request that another one needs answered first: the same client and credential, a body of its
 * own, and an answer that is kept instead of sent. Of one thread.
 */
final class InnerExchange implements Exchange {
    private final Exchange outer;
    private final byte[] body;
    private final String suffix;
    private @Nullable Kept kept;

    /**
     * @param suffix what its request id has behind the outer one's; nothing where it is the only
     *     inference of that request, whose receipt it then is
     */
    InnerExchange(Exchange outer, byte[] body, String suffix) {
        this.outer = outer;
        this.body = body;
        this.suffix = suffix;
    }

    /** An answer. */
    record Kept(int status, Headers headers, byte[] body) {}

    /** The answer; empty when none was given. */
    Optional<Kept> kept() {
        return Optional.ofNullable(kept);
    }

    @Override
    public byte[] body() {
        return body;
    }

    @Override
    public void respond(int status, Headers headers, byte[] answer) {
        if (kept != null) {
            throw new IllegalStateException("answered before");
        }
        kept = new Kept(status, headers, answer);
    }

    /** There is nobody to let go meanwhile: waits here. */
    @Override
    public void after(CompletionStage<?> done, Runnable then) {
        try {
            done.toCompletableFuture().join();
        } catch (CompletionException e) {
            // Whoever answers looks at the stage itself.
        }
        then.run();
    }

    @Override
    public BodyWriter stream(int status, Headers headers) {
        throw new IllegalStateException("an inner request is answered whole");
    }

    @Override
    public void relay(int status, Headers headers, UpstreamResponse from, StreamFilter filter) {
        throw new IllegalStateException("an inner request is answered whole");
    }

    @Override
    public String requestId() {
        return outer.requestId() + suffix;
    }

    @Override
    public String method() {
        return outer.method();
    }

    @Override
    public String authority() {
        return outer.authority();
    }

    @Override
    public boolean knownHere() {
        return outer.knownHere();
    }

    @Override
    public String path() {
        return outer.path();
    }

    @Override
    public String query() {
        return outer.query();
    }

    @Override
    public Headers headers() {
        return outer.headers();
    }

    @Override
    public String source() {
        return outer.source();
    }

    @Override
    public List<X509Certificate> peer() {
        return outer.peer();
    }

    @Override
    public boolean open() {
        return outer.open();
    }

    @Override
    public void onClose(Runnable once) {
        outer.onClose(once);
    }
}
