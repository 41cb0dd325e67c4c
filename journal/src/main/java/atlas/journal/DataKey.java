package atlas.journal;

import atlas.core.crypto.SealFormat;
import javax.crypto.spec.SecretKeySpec;

/**
 * The key that entries of one subject and one month are sealed under.
 *
 * @param label its name, which stands in those entries for everybody to see
 */
record DataKey(String label, SecretKeySpec secret) {
    private static final int VERSION = 1;

    byte[] seal(byte[] plaintext, byte[] associatedData) {
        return SealFormat.seal(secret, VERSION, plaintext, associatedData);
    }

    /**
     * Opens.
     *
     * @throws atlas.core.crypto.SealBrokenException when another key, or for another place, sealed
     */
    byte[] open(byte[] sealed, byte[] associatedData) {
        return SealFormat.open(secret, sealed, associatedData);
    }
}
