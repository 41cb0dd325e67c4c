package atlas.runtime.http;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** A body read by a thread; the connection pauses when the reader is behind. */
final class StreamedBody extends InputStream implements PooledResponse.Sink {
    private static final int HIGH = 64 << 10;

    private final PooledResponse response;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition arrived = lock.newCondition();
    private final Deque<byte[]> parts = new ArrayDeque<>(); // lock
    private int held; // lock
    private int at; // lock, within the first part
    private boolean ended; // lock
    private boolean paused; // lock
    private @Nullable UpstreamException failure; // lock

    StreamedBody(PooledResponse response) {
        this.response = response;
    }

    @Override
    public void data(ByteBuf in, int length) {
        byte[] part = new byte[length];
        in.readBytes(part);
        lock.lock();
        try {
            parts.add(part);
            held += length;
            if (held > HIGH && !paused) {
                paused = true;
                response.pause();
            }
            arrived.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void readComplete() {}

    @Override
    public void end() {
        lock.lock();
        try {
            ended = true;
            arrived.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void failed(UpstreamException newFailure) {
        lock.lock();
        try {
            failure = newFailure;
            arrived.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (length == 0) {
            return 0;
        }
        lock.lock();
        try {
            while (parts.isEmpty()) {
                if (failure != null) {
                    throw failure;
                }
                if (ended) {
                    return -1;
                }
                arrived.awaitUninterruptibly();
            }
            byte[] part = parts.getFirst();
            int take = Math.min(length, part.length - at);
            System.arraycopy(part, at, target, offset, take);
            at += take;
            held -= take;
            if (at == part.length) {
                parts.removeFirst();
                at = 0;
            }
            if (paused && held < HIGH / 2) {
                paused = false;
                response.loop().execute(response::resume);
            }
            return take;
        } finally {
            lock.unlock();
        }
    }

    /** Gives up what is left. */
    @Override
    public void close() {
        response.close();
    }
}
