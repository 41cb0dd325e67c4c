package atlas.control.backup;

import atlas.core.AuditEvent.BackupCreated;
import atlas.core.AuditEvent.BackupVerified;
import atlas.journal.Appended;
import atlas.journal.Journal;
import atlas.journal.JournalEntry;
import atlas.journal.JournalException;
import atlas.journal.JournalQuery;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How long ago a backup was last made, and last found to hold; over restarts, from the journal. Not
 * a number until one was. Thread-safe.
 */
public final class BackupAges {
    private static final Logger LOG = LoggerFactory.getLogger(BackupAges.class);
    private static final int LOOKED_AT = 20;
    private static final long NEVER = Long.MIN_VALUE;

    private final Clock clock;
    private final AtomicLong made = new AtomicLong(NEVER);
    private final AtomicLong held = new AtomicLong(NEVER);

    private final CompletableFuture<Boolean> remembered = new CompletableFuture<>();

    private BackupAges(Clock clock) {
        this.clock = clock;
    }

    /** Follows a journal; what it says of the time before is looked up aside. */
    public static BackupAges of(Journal journal, Clock clock) {
        BackupAges ages = new BackupAges(clock);
        journal.onAppended(ages::heard);
        ages.remembered.completeAsync(
                () -> {
                    ages.remember(journal);
                    return true;
                },
                task -> Thread.ofVirtual().name("backup-ages").start(task));
        return ages;
    }

    /** Done when the time before is known. */
    public CompletableFuture<Boolean> remembered() {
        return remembered;
    }

    private void heard(Appended appended) {
        switch (appended.event()) {
            case BackupCreated _ -> later(made, appended.when());
            case BackupVerified verified when verified.verdict().equals("holds") ->
                    later(held, appended.when());
            default -> {}
        }
    }

    private void remember(Journal journal) {
        try {
            for (JournalEntry entry : journal.search(newest("backup.created"))) {
                later(made, entry.when());
            }
            for (JournalEntry entry : journal.search(newest("backup.verified"))) {
                if (entry.json().contains("\"verdict\":\"holds\"")) {
                    later(held, entry.when());
                }
            }
        } catch (JournalException | IllegalStateException e) {
            LOG.atWarn().setCause(e).log("age of the last backup not found out");
        }
    }

    private static JournalQuery newest(String kind) {
        return new JournalQuery(
                Optional.of(kind),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                -1,
                LOOKED_AT,
                true);
    }

    private static void later(AtomicLong of, Instant when) {
        of.accumulateAndGet(when.toEpochMilli(), Math::max);
    }

    /** Seconds since a backup was made. */
    public double sinceMade() {
        return since(made.get());
    }

    /** Seconds since a backup was read again and held. */
    public double sinceHeld() {
        return since(held.get());
    }

    private double since(long epochMillis) {
        return epochMillis == NEVER ? Double.NaN : (clock.millis() - epochMillis) / 1e3;
    }
}
