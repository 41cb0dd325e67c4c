package atlas.journal;

import atlas.core.AuditEvent;
import atlas.core.AuditEvent.Actor;
import atlas.core.json.Json;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes the entries that need not be kept any longer, and only those; the act is in the journal
 * before anything goes. Hash tiles, checkpoints and proofs stay: what is left verifies, and a
 * removed entry that somebody kept can still be proved.
 *
 * <p>Refuses while a legal hold is on, on everything or on any subject, and whatever is younger
 * than the configuration keeps. Entries go in whole bundles of 256, oldest first, so that up to 255
 * older ones may stay. Thread-safe; one at a time; blocks on I/O for as long as there is to remove.
 */
public final class JournalRetention {
    private static final Logger LOG = LoggerFactory.getLogger(JournalRetention.class);
    private static final String ACTION = "journal.retain";

    private final Journal journal;
    private final Optional<Duration> keep;
    private final boolean legalHold;
    private final Clock clock;

    public JournalRetention(Journal journal, JournalSettings settings, Clock clock) {
        this.journal = journal;
        this.keep = settings.retention();
        this.legalHold = settings.legalHold();
        this.clock = clock;
    }

    /** What came of it. */
    public sealed interface Outcome {
        /**
         * Entries were removed.
         *
         * @param first the first entry that is still there
         * @param bytes of entries and payloads kept apart
         * @param act the entry that says so
         */
        record Removed(long first, long entries, long bytes, long act) implements Outcome {}

        /** Nothing is old enough. */
        record Nothing(long first) implements Outcome {}

        /** It is not allowed; nothing was removed. */
        record Refused(String why) implements Outcome {}
    }

    /** How long entries are kept; empty for ever. */
    public Optional<Duration> keep() {
        return keep;
    }

    /** Whether a legal hold keeps everything. */
    public boolean legalHold() {
        return legalHold;
    }

    /** Why removing what is older than this is not allowed; empty when it is. */
    public Optional<String> refusal(Optional<Duration> olderThan) {
        if (legalHold) {
            return Optional.of("a legal hold is on (`journal.legal-hold`): nothing is removed");
        }
        if (keep.isEmpty()) {
            return Optional.of("`journal.retention` is not set: every entry is kept");
        }
        if (olderThan.isPresent() && olderThan.get().compareTo(keep.get()) < 0) {
            return Optional.of("`journal.retention` keeps entries for " + keep.get());
        }
        // A bundle holds entries of everybody: while one subject's are kept, all are.
        int held = journal.subjects().holds().size();
        return held == 0
                ? Optional.empty()
                : Optional.of(
                        "entries of held subjects are kept (`atlas journal holds` shows "
                                + held
                                + "): nothing is removed until they are released");
    }

    /**
     * Removes what is older, by default than the configuration keeps.
     *
     * @throws JournalException when something to be removed is not what was signed (it stays), or
     *     the journal cannot record
     */
    public synchronized Outcome run(Actor actor, String requestId, Optional<Duration> olderThan) {
        Optional<String> refusal = refusal(olderThan);
        if (refusal.isPresent()) {
            return new Outcome.Refused(refusal.get());
        }
        Instant than = clock.instant().minus(olderThan.orElse(keep.get()));
        Retention retention = journal.retention();
        journal.checkpointNow();
        RetentionRecord before = journal.retentionRecord();
        Retention.Due due = retention.due(before, than);
        if (due.first() == before.first()) {
            retention.remove(before.first()); // what an interruption has left
            return new Outcome.Nothing(before.first());
        }
        String range = range(before.first(), due.first(), than);
        long act = record(actor, requestId, "allowed", "", range);
        if (journal.keys().secondVkey().isPresent()) {
            // What the log demands of whoever checks it must be among what is kept.
            journal.append(journal.keys().charter(false));
        }
        journal.checkpointNow();
        retention.sign(due, journal.keys());
        Retention.Gone gone = retention.remove(due.first());
        record(actor, requestId, "done", "", result(due.first(), gone));
        LOG.atInfo()
                .addKeyValue("first", due.first())
                .addKeyValue("entries", gone.entries())
                .addKeyValue("bytes", gone.bytes())
                .log("journal entries removed by retention");
        return new Outcome.Removed(due.first(), gone.entries(), gone.bytes(), act);
    }

    private long record(
            Actor actor, String requestId, String outcome, String before, String after) {
        return journal.append(
                        new AuditEvent.AdminAct(
                                requestId, actor, ACTION, "journal", outcome, before, after))
                .index();
    }

    private static String range(long from, long to, Instant than) {
        return json(out -> {
            out.writeNumberField("from", from);
            out.writeNumberField("first_kept", to);
            out.writeStringField("older_than", than.toString());
        });
    }

    private static String result(long first, Retention.Gone gone) {
        return json(out -> {
            out.writeNumberField("first_kept", first);
            out.writeNumberField("entries", gone.entries());
            out.writeNumberField("bytes", gone.bytes());
        });
    }

    private static String json(Json.Body fields) {
        byte[] bytes =
                Json.bytes(out -> {
                    out.writeStartObject();
                    fields.write(out);
                    out.writeEndObject();
                });
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
