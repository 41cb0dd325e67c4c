package atlas.identity.spending;

import java.util.Optional;

/**
 * Where it is kept how much of a token budget is gone, so that a restart gives nothing back.
 * Thread-safe; a write is durable when {@link #put} returns. A store that cannot answer throws
 * {@link atlas.identity.StoreUnavailableException}; it never answers "nothing spent" instead.
 */
public interface SpendingStore {

    /**
     * What a key has spent.
     *
     * @param period the number of the period, counted from 1970
     * @param tokens at least as many as were used in it
     */
    record Spent(long period, long tokens) {}

    /** What was last written for this key. */
    Optional<Spent> find(String keyId);

    /** Writes, in place of what was there. */
    void put(String keyId, Spent spent);
}
