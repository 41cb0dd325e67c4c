package atlas.export;

import atlas.core.AuditEvent;
import atlas.core.AuditEvent.JournalExported;
import atlas.core.AuditEvent.ProcessStarted;
import atlas.core.AuditLog;
import atlas.core.AuditUnavailableException;
import atlas.core.crypto.Hashes;
import atlas.export.format.EveryFact;
import atlas.export.format.ExportEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A log in memory that can be broken, cut short and read. */
final class Log implements AuditLog, EntrySource {
    private final List<AuditEvent> facts = new ArrayList<>();
    private boolean unreadable;
    private long first;
    private boolean full;

    synchronized void add(int count) {
        for (int i = 0; i < count; i++) {
            facts.add(new ProcessStarted("test", "1", "d" + facts.size()));
        }
    }

    synchronized void unreadable(boolean now) {
        unreadable = now;
    }

    synchronized void removeBefore(long index) {
        first = index;
    }

    synchronized void full(boolean now) {
        full = now;
    }

    @Override
    public synchronized CompletableFuture<Receipt> submit(AuditEvent event) {
        if (full) {
            return CompletableFuture.failedFuture(new AuditUnavailableException("full", null));
        }
        facts.add(event);
        return CompletableFuture.completedFuture(
                new Receipt(facts.size() - 1, Hashes.sha256("leaf")));
    }

    @Override
    public String origin() {
        return "test/journal/1";
    }

    @Override
    public synchronized long size() {
        return facts.size();
    }

    @Override
    public synchronized List<ExportEntry> read(long from, int most) {
        if (unreadable) {
            throw new IllegalStateException("the disk is gone");
        }
        List<ExportEntry> entries = new ArrayList<>();
        for (long i = Math.max(first, from); i < facts.size() && entries.size() < most; i++) {
            entries.add(EveryFact.entry(i, facts.get((int) i)));
        }
        return entries;
    }

    synchronized List<JournalExported> exports() {
        return facts.stream()
                .filter(JournalExported.class::isInstance)
                .map(JournalExported.class::cast)
                .toList();
    }
}
