package atlas.vectors;

import atlas.core.crypto.KeyUnavailableException;
import atlas.core.crypto.SealFormat;
import atlas.core.crypto.Sealer;
import java.util.function.Function;
import javax.crypto.spec.SecretKeySpec;

/** A vault with one key for each tenant, which can be withheld. */
final class TestSealer implements Function<String, Sealer> {
    private volatile boolean withheld;

    void withhold(boolean now) {
        withheld = now;
    }

    @Override
    public Sealer apply(String tenant) {
        SecretKeySpec key =
                new SecretKeySpec(
                        (tenant + "-key-of-32-bytes-for-all-of-it")
                                .getBytes(java.nio.charset.StandardCharsets.US_ASCII),
                        "HmacSHA256");
        return new Sealer() {
            @Override
            public byte[] seal(byte[] plaintext, byte[] associatedData) {
                requireKey();
                return SealFormat.seal(key, 1, plaintext, associatedData);
            }

            @Override
            public byte[] open(byte[] sealed, byte[] associatedData) {
                requireKey();
                return SealFormat.open(key, sealed, associatedData);
            }
        };
    }

    private void requireKey() {
        if (withheld) {
            throw KeyUnavailableException.withdrawn("the test withholds the key");
        }
    }
}
