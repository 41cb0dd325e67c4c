package atlas.export;

import atlas.core.AuditEvent.Actor;
import atlas.core.AuditEvent.JournalExported;
import atlas.core.AuditLog;
import atlas.export.format.ExportEntry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes into the journal what left it: that an exporter starts, before it sends anything; which
 * range was delivered, at the latest every minute and every 10,000 entries; that it stopped.
 *
 * <p>What exporters record is exported too, and would have to be recorded again for ever: a range
 * that holds nothing else waits for the next.
 */
final class ExportRecord {
    static final Duration PACE = Duration.ofMinutes(1);
    static final int MOST = 10_000;
    private static final String OWN = "journal.exported";

    private final Export export;
    private final AuditLog log;
    private long from;
    private long until;
    private boolean worthIt;
    private @Nullable Instant last;

    ExportRecord(Export export, AuditLog log) {
        this.export = export;
        this.log = log;
    }

    void started(long next) {
        from = next;
        until = next;
        append("started");
    }

    void delivered(List<ExportEntry> entries, Instant now) {
        until = entries.getLast().index() + 1;
        worthIt |=
                entries.stream()
                        .anyMatch(entry -> export.takes(entry.kind()) && !entry.kind().equals(OWN));
        if (last == null) {
            last = now;
        }
        boolean due = !now.isBefore(last.plus(PACE)) || until - from >= MOST;
        if (worthIt && due) {
            append("delivered");
            last = now;
        }
    }

    /** Entries that were removed before they could be delivered. */
    void removed(long first, long end) {
        if (worthIt) {
            append("delivered");
        }
        from = first;
        until = end;
        append("removed");
    }

    void stopped(long next) {
        until = next;
        append("stopped");
    }

    private void append(String act) {
        log.append(
                new JournalExported(
                        Actor.system("export"),
                        act,
                        export.name(),
                        export.destination().shown(),
                        export.format().wireName(),
                        export.extent(),
                        from,
                        until));
        from = until;
        worthIt = false;
    }
}
