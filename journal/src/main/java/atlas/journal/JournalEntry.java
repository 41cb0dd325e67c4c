package atlas.journal;

import atlas.core.Digest;
import java.time.Instant;

/**
 * An entry, opened. One whose subject was erased is of kind {@link #ERASED} and says nothing else.
 *
 * @param index its position, from 0
 * @param when it was submitted
 * @param leafHash what the log commits to; of the sealed entry, not of {@code json}
 * @param json the fact as {@link atlas.core.json.AuditJson} wrote it
 */
public record JournalEntry(long index, Instant when, String kind, Digest leafHash, String json) {
    /** The kind of an entry whose key was destroyed. */
    public static final String ERASED = "erased";

    /** The kind of an entry of a shared log that another member recorded, under keys of its own. */
    public static final String SEALED = "sealed";

    /**
     * What shows an entry to somebody without its key: the entry as the log has it, and salt and
     * statement, whose hash stands in it.
     */
    public record Evidence(JournalEntry opened, byte[] entry, byte[] salt, byte[] statement) {}

    /**
     * The kind of an entry whose key is lost, as after older keys were put back. It is whole, as
     * far as anybody can tell, and nobody can open it.
     */
    public static final String LOST = "lost";

    /** Whether the key of its subject was destroyed. */
    public boolean erased() {
        return kind.equals(ERASED);
    }
}
