package atlas.journal;

import java.time.Instant;
import java.util.List;

/**
 * The subjects of a journal: erasing one, and holding one back from it. Thread-safe; all of it
 * blocks on the disk.
 */
public interface JournalSubjects {

    /**
     * An erasure somebody asks for.
     *
     * @param by who asks, by name; only a pseudonym of it is kept
     * @param reason on what ground; kept for good, so it must not name the subject
     */
    record Order(String tenant, String principal, String requestId, String by, String reason) {
        public Order {
            if (principal.isEmpty()) {
                throw new IllegalArgumentException("a subject has a name");
            }
        }
    }

    /**
     * An erasure that was done.
     *
     * @param subject whose, as a pseudonym
     * @param keys the names of the keys that are gone; none when there were none
     * @param entry where the journal says so
     */
    record Erased(String subject, List<String> keys, long entry) {
        public Erased {
            keys = List.copyOf(keys);
        }
    }

    /** A subject whose entries must be kept. */
    record Hold(String tenant, String principal, String reason, Instant since) {}

    /** The subject is held: nothing was erased. */
    final class HeldException extends Exception {
        private static final long serialVersionUID = 1L;

        HeldException(String reason) {
            super(reason);
        }
    }

    /**
     * Records that a subject is erased, and destroys every key of it, for good. What the subject
     * does afterwards is recorded under a new key. Once recorded its entries are erased for every
     * reader; once begun it is finished, by the next try or start, unless a hold is put first.
     *
     * @throws HeldException when a legal hold forbids it
     * @throws atlas.core.AuditUnavailableException when the journal does not record now; nothing is
     *     erased yet
     */
    Erased erase(Order order) throws HeldException;

    /**
     * Keeps a subject's entries from being erased, and with all others from being removed by
     * retention, until {@link #release}.
     */
    void hold(String tenant, String principal, String reason);

    /** Lifts a hold; false when there was none. */
    boolean release(String tenant, String principal);

    /** The holds there are. */
    List<Hold> holds();

    /** What a subject is called where its name must not stand. */
    String pseudonym(String tenant, String principal);

    /** What words are called where they must not stand, for they may name somebody. */
    String blind(String words);
}
