package atlas.registry;

import atlas.core.crypto.OpenedObject;
import atlas.registry.oms.FileCheck;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * Decrypts an object into memory on one thread while another hashes what is already there, as
 * hashing takes longer than decrypting and both can have a core.
 */
final class PlaintextPipe {
    /** Objects up to this size are not worth a second thread. */
    private static final long ALONE_BYTES = 4 << 20;

    private static final int CHUNKS_AT_ONCE = 4;
    private static final int AHEAD = 64;

    private final OpenedObject opened;
    private final MemorySegment target;
    private final FileCheck check;
    private final long step;
    private final BlockingQueue<Filled> filled = new ArrayBlockingQueue<>(AHEAD);
    private volatile boolean stopped;

    /** Up to where the memory is filled, or why it will not be. */
    private record Filled(long until, @Nullable Exception failure) {}

    PlaintextPipe(OpenedObject opened, MemorySegment target, FileCheck check) {
        this.opened = opened;
        this.target = target;
        this.check = check;
        this.step = (long) opened.chunkBytes() * CHUNKS_AT_ONCE;
    }

    /** Returns when every byte was decrypted and given to the check. */
    void run() throws IOException {
        if (target.byteSize() <= ALONE_BYTES) {
            for (long at = 0; at < target.byteSize(); at = end(at)) {
                decrypt(at);
                hash(at, end(at));
            }
            return;
        }
        Thread decrypter = Thread.ofPlatform().name("atlas-decrypt").daemon().start(this::fill);
        try {
            long at = 0;
            while (at < target.byteSize()) {
                Filled next = filled.take();
                if (next.failure() != null) {
                    throw rethrown(next.failure());
                }
                hash(at, next.until());
                at = next.until();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while loading", e);
        } finally {
            stop(decrypter);
        }
    }

    private static IOException rethrown(Exception failure) throws IOException {
        if (failure instanceof RuntimeException unchecked) {
            throw unchecked;
        }
        throw failure instanceof IOException io ? io : new IOException(failure);
    }

    // The other thread must be gone before anybody zeroes or frees the memory it writes to.
    private void stop(Thread decrypter) {
        stopped = true;
        boolean interrupted = false;
        while (decrypter.isAlive()) {
            filled.clear();
            try {
                decrypter.join(java.time.Duration.ofMillis(1));
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void fill() {
        try {
            for (long at = 0; at < target.byteSize() && !stopped; at = end(at)) {
                decrypt(at);
                filled.put(new Filled(end(at), null));
            }
        } catch (IOException | RuntimeException e) {
            offerFailure(e);
        } catch (InterruptedException e) {
            offerFailure(new UncheckedIOException(new IOException("interrupted", e)));
        }
    }

    private void offerFailure(Exception failure) {
        while (!stopped && !filled.offer(new Filled(-1, failure))) {
            Thread.onSpinWait();
        }
    }

    private long end(long at) {
        return Math.min(at + step, target.byteSize());
    }

    private void decrypt(long at) throws IOException {
        opened.read(at, target.asSlice(at, end(at) - at).asByteBuffer());
    }

    private void hash(long from, long until) {
        check.update(target.asSlice(from, until - from).asByteBuffer());
    }
}
