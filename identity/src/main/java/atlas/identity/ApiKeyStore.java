package atlas.identity;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Where keys are kept. Thread-safe; a write is durable when {@link #put} returns and visible to the
 * next {@link #find}. {@code find} is asked for every request and should answer from memory (a
 * {@link MemoryApiKeyStore} in front of the tables does). A store that cannot answer throws {@link
 * StoreUnavailableException}; it never answers "no such key" instead.
 */
public interface ApiKeyStore {

    /** Stores a key, in place of the one with the same id. */
    void put(ApiKey key);

    Optional<ApiKey> find(String id);

    /** Every key, revoked and expired ones too, in order of issue. */
    List<ApiKey> all();

    /** Notes that a key was used; never moves backwards; an unknown id is ignored. */
    void touched(String id, Instant when);

    /**
     * Runs {@code listener} after every change that may end what a key permits: before {@link #put}
     * returns, and also when another process made the change. A use is no change. The listener must
     * not block and does not throw.
     */
    void onChange(Runnable listener);
}
