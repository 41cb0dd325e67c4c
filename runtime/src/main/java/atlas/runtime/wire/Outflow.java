package atlas.runtime.wire;

import io.netty.channel.ChannelFuture;

/**
 * Bytes handed to the transport and not yet taken by the peer. A peer that takes less than {@link
 * #LEAST} bytes within the write limit, while bytes wait, is stalled: a drip does not keep it
 * alive.
 */
final class Outflow {
    static final int LEAST = 32 << 10;

    private long pending;
    private long moved;
    private long markedMoved;
    private long markedAt;
    private boolean marked;

    /** Counts a write of {@code bytes} until {@code written} completes. */
    void track(int bytes, ChannelFuture written) {
        pending += bytes;
        var unused =
                written.addListener(_ -> {
                    pending -= bytes;
                    moved += bytes;
                });
    }

    long pending() {
        return pending;
    }

    boolean stalled(long now, long limit) {
        if (pending == 0) {
            marked = false;
            return false;
        }
        if (!marked || moved - markedMoved >= LEAST) {
            marked = true;
            markedAt = now;
            markedMoved = moved;
            return false;
        }
        return now - markedAt > limit;
    }
}
