package atlas.runtime.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.concurrent.CompletionException;

/**
 * A relay for upstream responses that live elsewhere: the same contract, on the caller's thread.
 */
final class Pump {
    private static final int BUFFER = 16 << 10;

    private Pump() {}

    static void run(EdgeWriter to, UpstreamResponse from, StreamFilter filter) {
        Optional<Throwable> failure = Optional.empty();
        try (InputStream in = from.stream()) {
            byte[] buffer = new byte[BUFFER];
            ByteSink sink = sink(to);
            while (failure.isEmpty()) {
                int read;
                try {
                    read = in.read(buffer);
                } catch (IOException e) {
                    failure = Optional.of(e);
                    continue;
                }
                if (read < 0) {
                    break;
                }
                filter.chunk(buffer, 0, read, sink);
                to.flush();
            }
            if (to.clientLeft()) {
                throw new IOException("the client has left");
            }
        } catch (IOException | UncheckedIOException e) {
            from.cancel();
            filter.cancelled();
            to.abort();
            return;
        } catch (RuntimeException e) {
            from.cancel();
            to.abort();
            throw e;
        }
        end(to, filter, failure);
    }

    private static void end(EdgeWriter to, StreamFilter filter, Optional<Throwable> failure) {
        Tail tail = new Tail();
        try {
            filter.end(failure, tail).toCompletableFuture().join();
            to.write(tail.take());
            to.close();
        } catch (CompletionException | IOException e) {
            to.abort();
        }
    }

    private static ByteSink sink(EdgeWriter to) {
        return (bytes, offset, length) -> {
            try {
                to.write(bytes, offset, length);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        };
    }
}
