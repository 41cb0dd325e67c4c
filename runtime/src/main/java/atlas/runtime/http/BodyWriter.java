package atlas.runtime.http;

import java.io.IOException;

/**
 * Writes a streamed body from a virtual thread; blocks while the client is slow. Not thread-safe.
 * Every write fails with {@link IOException} once the client has left.
 */
public interface BodyWriter extends AutoCloseable {
    /** Adds bytes; they leave at the next {@link #flush}, or earlier when there are many. */
    void write(byte[] bytes) throws IOException;

    void flush() throws IOException;

    /** Ends the response as incomplete, so that the client can tell. A later close does nothing. */
    void abort();

    /** Sends what is left and ends the response as complete. Does nothing the second time. */
    @Override
    void close();
}
