package atlas.core.crypto;

/**
 * Authenticated encryption under a key somebody else holds and turns.
 *
 * <p>Guarantees: what {@link #open} returns was sealed by a holder of the same purpose's key with
 * the same associated data; sealing twice gives different bytes; the sealed form names the key
 * version, so old data opens after rotation. Thread-safe.
 */
public interface Sealer {

    /** Seals; {@code associatedData} is bound, not stored. */
    byte[] seal(byte[] plaintext, byte[] associatedData);

    /**
     * Opens.
     *
     * @throws SealBrokenException when the bytes, the key or the associated data are not the ones
     *     sealed
     * @throws KeyUnavailableException when the key cannot be had now: nothing is said about the
     *     bytes
     */
    byte[] open(byte[] sealed, byte[] associatedData);
}
