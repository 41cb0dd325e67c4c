package atlas.export;

import atlas.core.AuditUnavailableException;
import atlas.export.format.ExportEntry;
import atlas.export.format.ExportLine;
import atlas.export.send.Delivery;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the log to one receiver: read from the cursor on, deliver, keep the new cursor, again.
 *
 * <p>INVARIANT: the cursor moves only over entries that the receiver has confirmed, and only
 * forward; so after any stop an entry may be sent twice and none is left out. Entries are read from
 * the log, never queued: a receiver that is down costs nothing but lag.
 */
final class Exporter implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Exporter.class);
    private static final int BATCH_ENTRIES = 500;
    private static final int BATCH_BYTES = 4 << 20;
    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final Duration CLOSING = Duration.ofSeconds(20);

    private final Export export;
    private final EntrySource source;
    private final Cursors cursors;
    private final ExportRecord record;
    private final Clock clock;
    private final Backoff backoff;
    private final Thread thread;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private volatile boolean closed;
    private volatile @Nullable Delivery delivery;
    private volatile ExportStatus.State state = ExportStatus.State.RUNNING;
    private volatile long next;
    private volatile @Nullable Instant delivered;
    private volatile String failure = "";

    Exporter(Export export, Exporters.Parts parts, Backoff backoff) {
        this.export = export;
        this.source = parts.source();
        this.cursors = parts.cursors();
        this.record = new ExportRecord(export, parts.log());
        this.clock = parts.clock();
        this.backoff = backoff;
        this.thread =
                Thread.ofPlatform().daemon().name("export-" + export.name()).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** Something new is in the log. */
    void wake() {
        lock.lock();
        try {
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    ExportStatus status() {
        return new ExportStatus(
                export,
                state,
                next,
                Math.max(0, source.size() - next),
                Optional.ofNullable(delivered),
                failure);
    }

    private void run() {
        boolean begun = false;
        while (!closed) {
            try {
                if (!begun) {
                    begin();
                    begun = true;
                }
                if (next == source.size()) {
                    rest();
                } else {
                    step();
                }
            } catch (Refusal e) {
                refuse(e);
                return;
            } catch (IOException | RuntimeException e) {
                failed(e);
            }
        }
        end(begun);
    }

    private void begin() throws Refusal {
        try {
            next = cursors.load(export.name()).orElse(0);
        } catch (ExportException e) {
            throw new Refusal(String.valueOf(e.getMessage()), e);
        }
        if (next > source.size()) {
            throw new Refusal(
                    "it has delivered "
                            + next
                            + " entries of a log that has "
                            + source.size()
                            + ": an older log was put back; find out why, then delete its cursor",
                    null);
        }
        record.started(next);
    }

    /** Trying again would not help. */
    private static final class Refusal extends Exception {
        private static final long serialVersionUID = 1L;

        Refusal(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    private void step() throws IOException {
        List<ExportEntry> entries = batch();
        List<ExportLine> lines = new ArrayList<>(entries.size());
        for (ExportEntry entry : entries) {
            if (export.takes(entry.kind())) {
                lines.add(export.format().line(entry, export.content()));
            }
        }
        if (!lines.isEmpty()) {
            way().deliver(lines);
        }
        long after = entries.getLast().index() + 1;
        cursors.save(export.name(), after);
        next = after;
        delivered = clock.instant();
        record.delivered(entries, delivered);
        if (state == ExportStatus.State.RETRYING) {
            LOG.atInfo().addKeyValue("exporter", export.name()).log("export goes on");
        }
        state = ExportStatus.State.RUNNING;
        failure = "";
        backoff.succeeded();
    }

    /** What is next, without a gap and without more than a receiver takes at once. */
    private List<ExportEntry> batch() {
        List<ExportEntry> read = source.read(next, BATCH_ENTRIES);
        if (!read.isEmpty() && read.getFirst().index() > next) {
            passOver(read.getFirst().index());
        }
        List<ExportEntry> batch = new ArrayList<>(read.size());
        long bytes = 0;
        for (ExportEntry entry : read) {
            bytes += entry.json().length();
            if (entry.index() != next + batch.size()) {
                throw new ExportException(
                        "entry "
                                + (next + batch.size())
                                + " was asked for, "
                                + entry.index()
                                + " was read");
            }
            if (!batch.isEmpty() && bytes > BATCH_BYTES) {
                break;
            }
            batch.add(entry);
        }
        if (batch.isEmpty()) {
            throw new ExportException("entry " + next + " cannot be read");
        }
        return batch;
    }

    /** Retention has removed entries that were never delivered: that is said, not hidden. */
    private void passOver(long first) {
        record.removed(next, first);
        LOG.atError()
                .addKeyValue("exporter", export.name())
                .addKeyValue("from", next)
                .addKeyValue("until", first)
                .log("entries were removed by retention before they were exported");
        cursors.save(export.name(), first);
        next = first;
    }

    private Delivery way() {
        Delivery open = delivery;
        if (open == null) {
            open = export.destination().open();
            delivery = open;
        }
        return open;
    }

    private void failed(Exception e) {
        if (closed) {
            return;
        }
        Duration wait = backoff.failed();
        failure = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        boolean first = state != ExportStatus.State.RETRYING;
        state = ExportStatus.State.RETRYING;
        if (first) {
            LOG.atWarn()
                    .addKeyValue("exporter", export.name())
                    .addKeyValue("next", next)
                    .addKeyValue("why", failure)
                    .log("export waits");
        }
        abandon();
        hold(wait.toNanos());
    }

    private void refuse(Refusal refusal) {
        state = ExportStatus.State.REFUSED;
        failure = String.valueOf(refusal.getMessage());
        LOG.atError()
                .addKeyValue("exporter", export.name())
                .setCause(refusal)
                .log("export refused");
    }

    /** Waits for something new. */
    private void rest() {
        lock.lock();
        try {
            if (!closed) {
                boolean unused = changed.await(LOOK.toNanos(), TimeUnit.NANOSECONDS);
            }
        } catch (InterruptedException e) {
            closed = true;
        } finally {
            lock.unlock();
        }
    }

    /** Waits that long, whatever is new meanwhile. */
    private void hold(long nanos) {
        lock.lock();
        try {
            long left = nanos;
            while (!closed && left > 0) {
                left = changed.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            closed = true;
        } finally {
            lock.unlock();
        }
    }

    private void abandon() {
        Delivery open = delivery;
        delivery = null;
        if (open != null) {
            open.close();
        }
    }

    private void end(boolean begun) {
        state = ExportStatus.State.STOPPED;
        abandon();
        if (begun) {
            try {
                record.stopped(next);
            } catch (AuditUnavailableException e) {
                LOG.atWarn().addKeyValue("exporter", export.name()).log("end not journaled");
            }
        }
    }

    /** Gives up what is under way; it is sent again next time. */
    @Override
    public void close() {
        closed = true;
        wake();
        Delivery open = delivery;
        if (open != null) {
            open.close();
        }
        try {
            if (!thread.join(CLOSING)) {
                thread.interrupt();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
