package atlas.runtime.http;

import atlas.runtime.wire.Call;
import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A streamed body. One hand-over to the loop is under way at most; the next waits until the client
 * has room, which is the back-pressure.
 */
final class EdgeWriter implements BodyWriter {
    private static final int AUTO_FLUSH = 16 << 10;

    private final Call call;
    private final ByteArrayOutputStream pending = new ByteArrayOutputStream(1024);
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private boolean underWay; // lock
    private boolean gone; // lock
    private boolean waiting; // event loop
    private volatile boolean closed;

    EdgeWriter(Call call) {
        this.call = call;
    }

    boolean closed() {
        return closed;
    }

    @Override
    public void write(byte[] bytes) throws IOException {
        write(bytes, 0, bytes.length);
    }

    void write(byte[] bytes, int offset, int length) throws IOException {
        if (closed) {
            throw new IOException("the response has ended");
        }
        int at = offset;
        int left = length;
        while (left > 0) {
            int take = Math.min(left, AUTO_FLUSH);
            pending.write(bytes, at, take);
            at += take;
            left -= take;
            if (pending.size() >= AUTO_FLUSH) {
                handOver();
            }
        }
    }

    @Override
    public void flush() throws IOException {
        if (closed) {
            throw new IOException("the response has ended");
        }
        handOver();
    }

    private void handOver() throws IOException {
        lock.lock();
        try {
            while (underWay && !gone) {
                changed.awaitUninterruptibly();
            }
            if (gone) {
                throw new IOException("the client has left");
            }
            underWay = true;
        } finally {
            lock.unlock();
        }
        byte[] bytes = pending.toByteArray();
        pending.reset();
        call.loop().execute(() -> send(bytes));
    }

    private void send(byte[] bytes) {
        if (bytes.length > 0) {
            ByteBuf buffer = call.allocator().buffer(bytes.length).writeBytes(bytes);
            call.data(buffer);
        }
        call.flush();
        if (call.writable() || call.ended()) {
            arrived();
        } else {
            waiting = true;
        }
    }

    private void arrived() {
        lock.lock();
        try {
            underWay = false;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** On the loop. */
    void writable() {
        if (waiting) {
            waiting = false;
            arrived();
        }
    }

    boolean clientLeft() {
        lock.lock();
        try {
            return gone;
        } finally {
            lock.unlock();
        }
    }

    void gone() {
        lock.lock();
        try {
            gone = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void abort() {
        if (!closed) {
            closed = true;
            call.loop().execute(call::abort);
        }
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        try {
            handOver();
        } catch (IOException e) {
            // The client has left; there is nobody to tell, and the exchange is over already.
            pending.reset();
        }
        closed = true;
        call.loop().execute(call::end);
    }
}
