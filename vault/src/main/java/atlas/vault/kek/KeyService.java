package atlas.vault.kek;

import atlas.vault.KekStatus;

/**
 * A device or service that encrypts 32 bytes under a key it never gives away. Blocks for a bounded
 * time. Thread-safe.
 *
 * <p>All verbs throw {@link atlas.core.crypto.KeyUnavailableException}, {@code withdrawn} when the
 * holder said no and not when it is away.
 */
interface KeyService extends AutoCloseable {

    /** Where the key is; never contains a secret. */
    String uri();

    /** How it stands, asking the holder. */
    KekStatus status();

    /**
     * Encrypts a key.
     *
     * @param place names the key's place, for a holder that binds or logs it
     */
    byte[] encrypt(byte[] key, String place);

    /**
     * Decrypts a key.
     *
     * @throws atlas.core.crypto.SealBrokenException when it was not encrypted there, or for another
     *     place, or was altered
     */
    byte[] decrypt(byte[] encrypted, String place);

    @Override
    default void close() {}
}
