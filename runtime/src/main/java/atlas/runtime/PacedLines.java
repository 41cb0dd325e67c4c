package atlas.runtime;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.AppenderBase;
import ch.qos.logback.core.encoder.EncoderBase;
import java.io.ByteArrayOutputStream;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.slf4j.event.KeyValuePair;

/**
 * Puts events into words and writes them on a thread of its own, a few milliseconds' worth in one
 * write, so that a request does not pay for its line with a system call under a lock. Warnings and
 * errors are written at once and never dropped. Lines below that are dropped when too many wait,
 * and counted in a line of their own: the log is for operators and may lose, the journal may not.
 * After {@link #stop} events are written by whoever logs them.
 */
final class PacedLines extends AppenderBase<ILoggingEvent> {
    private static final int MOST_WAITING = 8192;
    private static final int MOST_AT_ONCE = 64 << 10;
    private static final long PACE_NANOS = 10_000_000L;
    private static final long IDLE_NANOS = 1_000_000_000L;

    private final EncoderBase<ILoggingEvent> encoder;
    private final Consumer<byte[]> out;
    private final ConcurrentLinkedQueue<ILoggingEvent> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicLong dropped = new AtomicLong();
    private final Thread thread =
            Thread.ofPlatform().daemon(true).name("log-lines").unstarted(this::run);
    private volatile boolean resting;
    private volatile boolean over;
    private boolean failed; // the thread's

    /**
     * @param out takes whole lines; is called by one thread at a time
     */
    PacedLines(EncoderBase<ILoggingEvent> encoder, Consumer<byte[]> out) {
        this.encoder = encoder;
        this.out = out;
    }

    @Override
    public void start() {
        super.start();
        thread.start();
    }

    /** Not under the lock of the superclass, which every thread would meet at. */
    @Override
    public void doAppend(ILoggingEvent event) {
        append(event);
    }

    @Override
    protected void append(ILoggingEvent event) {
        boolean grave = event.getLevel().isGreaterOrEqual(Level.WARN);
        if (waiting.incrementAndGet() > MOST_WAITING && !grave) {
            waiting.decrementAndGet();
            dropped.incrementAndGet();
            return;
        }
        queue.add(event);
        if (over) {
            drain();
        } else if (grave || resting) {
            LockSupport.unpark(thread);
        }
    }

    private void run() {
        while (!over) {
            if (drained()) {
                LockSupport.parkNanos(this, PACE_NANOS);
            } else {
                resting = true;
                if (queue.isEmpty() && !over) {
                    LockSupport.parkNanos(this, IDLE_NANOS);
                }
                resting = false;
            }
        }
    }

    // Whoever reads the lines may be gone, or one of them cannot be put into words: what was lost
    // is
    // lost, and the next line is written all the same.
    private boolean drained() {
        try {
            return drain();
        } catch (RuntimeException e) {
            if (!failed) {
                failed = true;
                addError(
                        "log lines could not be written; those that come are tried all the same",
                        e);
            }
            return true;
        }
    }

    /** Writes what waits; false when nothing did. */
    private synchronized boolean drain() {
        ByteArrayOutputStream lines = new ByteArrayOutputStream(1024);
        boolean any = false;
        ILoggingEvent event = queue.poll();
        while (event != null) {
            any = true;
            waiting.decrementAndGet();
            lines.writeBytes(encoder.encode(event));
            if (lines.size() >= MOST_AT_ONCE) {
                out.accept(lines.toByteArray());
                lines.reset();
            }
            event = queue.poll();
        }
        long lost = dropped.getAndSet(0);
        if (lost > 0) {
            lines.writeBytes(encoder.encode(lost(lost)));
        }
        if (lines.size() > 0) {
            out.accept(lines.toByteArray());
        }
        return any;
    }

    private static ILoggingEvent lost(long lines) {
        LoggingEvent event = new LoggingEvent();
        event.setLevel(Level.WARN);
        event.setLoggerName(PacedLines.class.getName());
        event.setMessage("log lines were dropped");
        event.setInstant(java.time.Clock.systemUTC().instant());
        event.addKeyValuePair(new KeyValuePair("lines", lines));
        return event;
    }

    /** Writes what waits; what comes later is written as it comes. */
    @Override
    public void stop() {
        over = true;
        LockSupport.unpark(thread);
        drain();
        super.stop();
    }
}
