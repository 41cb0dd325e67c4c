package atlas.runtime.http;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** A whole body, up to a limit. */
final class Collected implements PooledResponse.Sink {
    private final String name;
    private final int maxBytes;
    private final CompletableFuture<byte[]> whole = new CompletableFuture<>();
    private byte[] bytes = new byte[0];
    private int size;

    Collected(String name, int maxBytes) {
        this.name = name;
        this.maxBytes = maxBytes;
    }

    byte[] await() throws UpstreamException {
        try {
            return whole.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UpstreamException(
                    UpstreamException.Kind.CLOSED, "interrupted while reading `" + name + "`");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UpstreamException failed) {
                throw failed;
            }
            throw new UpstreamException(UpstreamException.Kind.CLOSED, "`" + name + "` failed", e);
        }
    }

    @Override
    public void data(ByteBuf in, int length) {
        if ((long) size + length > maxBytes) {
            in.skipBytes(length);
            whole.completeExceptionally(
                    new UpstreamException(
                            UpstreamException.Kind.TOO_LARGE,
                            "the answer of `" + name + "` is larger than " + maxBytes + " bytes"));
            return;
        }
        if (size + length > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.min(maxBytes, Math.max(size + length, 2 * size)));
        }
        in.readBytes(bytes, size, length);
        size += length;
    }

    @Override
    public void readComplete() {}

    @Override
    public void end() {
        whole.complete(size == bytes.length ? bytes : Arrays.copyOf(bytes, size));
    }

    @Override
    public void failed(UpstreamException failure) {
        whole.completeExceptionally(failure);
    }
}
