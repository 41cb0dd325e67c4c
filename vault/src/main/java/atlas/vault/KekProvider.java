package atlas.vault;

/**
 * Whoever holds the key encryption key. The vault hands over keys to wrap and gets them back; it
 * never sees the key itself.
 *
 * <p>Wrapping binds the associated data. Thread-safe; may block on a device or a network.
 */
public interface KekProvider extends AutoCloseable {

    /** Where the key is, {@code file:…}; never contains a secret. */
    String uri();

    /** Whether the key can be used now, and what an operator should know about where it lies. */
    KekStatus status();

    /**
     * Wraps a key.
     *
     * @throws atlas.core.crypto.KeyUnavailableException when the KEK cannot be used now
     */
    byte[] wrap(byte[] dek, byte[] aad);

    /**
     * Unwraps a key.
     *
     * @throws atlas.core.crypto.KeyUnavailableException when the KEK cannot be used now
     * @throws atlas.core.crypto.SealBrokenException when it was wrapped by another KEK, for other
     *     associated data, or was altered
     */
    byte[] unwrap(byte[] wrapped, byte[] aad);

    /** Lets go of connections; most have none. */
    @Override
    default void close() {}
}
