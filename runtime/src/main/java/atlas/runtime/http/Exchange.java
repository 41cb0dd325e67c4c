package atlas.runtime.http;

import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * One complete, well-formed request and the one answer to it. The body has been read and is within
 * the limit; the path is canonical. Methods may be called from any thread; a second answer is an
 * {@link IllegalStateException}. After the client left, answers are dropped silently.
 */
public interface Exchange {
    /** Made by the edge, unguessable; the edge sends it back as {@code x-request-id}. */
    String requestId();

    String method();

    /**
     * The server the client asked for, as it stands in a URL: lower case, without the port that
     * https implies.
     */
    String authority();

    /** Whether {@link #authority} is a name or address that this server's certificate carries. */
    boolean knownHere();

    /** Percent-decoded once; no dot segment, no empty segment, no encoded slash. */
    String path();

    /** Raw, without the question mark; empty when there is none. */
    String query();

    Headers headers();

    byte[] body();

    /** The literal of the address the connection came from. */
    String source();

    /** The verified client chain, leaf first; empty when none was shown. */
    List<X509Certificate> peer();

    /** False once the client has left or the answer has been sent. */
    boolean open();

    /** Runs {@code once} when the client leaves before the answer ended; at once if it has. */
    void onClose(Runnable once);

    /** Answers with a whole body. Does not wait for the client to take it. */
    void respond(int status, Headers headers, byte[] body);

    /**
     * Lets the handler return before it has answered: {@code then} answers, on the thread that
     * completes {@code done}, in whichever way that ends, and must not block.
     */
    void after(CompletionStage<?> done, Runnable then);

    /** Begins an answer whose body is written by the caller. */
    BodyWriter stream(int status, Headers headers);

    /**
     * Answers with the body of an upstream response, led through {@code filter} on the event loop.
     * Blocks until the response has ended in any way; closes {@code from}.
     */
    void relay(int status, Headers headers, UpstreamResponse from, StreamFilter filter);
}
