package atlas.runtime.wire;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/**
 * A request body while it arrives. Memory follows the bytes that came, not the length that was
 * promised, and counts against the edge's budget until {@link #release}.
 */
final class BodyBuffer {
    private static final byte[] NONE = new byte[0];

    private final ServerContext context;
    private byte[] bytes = NONE;
    private int size;

    BodyBuffer(ServerContext context) {
        this.context = context;
    }

    int size() {
        return size;
    }

    /** Takes {@code length} bytes; {@code expected} is the promised total, or -1. */
    void add(ByteBuf in, int length, long expected) throws BadMessage {
        long needed = (long) size + length;
        int max = context.limits.maxBodyBytes();
        if (needed > max) {
            throw BadMessage.bodyTooLarge(max);
        }
        if (needed > bytes.length) {
            grow((int) needed, expected < 0 ? max : (int) Math.min(max, expected));
        }
        in.readBytes(bytes, size, length);
        size += length;
    }

    private void grow(int needed, int ceiling) throws BadMessage {
        int capacity = Math.max(needed, Math.min(ceiling, Math.max(4096, bytes.length * 2)));
        if (!context.reserveBody(capacity - bytes.length)) {
            throw BadMessage.busy("too many request bodies are being read");
        }
        bytes = Arrays.copyOf(bytes, capacity);
    }

    byte[] take() {
        return size == bytes.length ? bytes : Arrays.copyOf(bytes, size);
    }

    void release() {
        context.releaseBody(bytes.length);
        bytes = NONE;
        size = 0;
    }
}
