package atlas.backup;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.core.crypto.Hashes;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class SecretSharingTest {
    private static final byte[] SECRET =
            Hashes.sha256().digest("the file key".getBytes(StandardCharsets.US_ASCII));

    /** FIPS 197 section 4.2: products that the standard itself works out. */
    @Test
    void multipliesAsAesDoes() {
        assertThat(SecretSharing.multiply(0x57, 0x83)).isEqualTo(0xc1);
        assertThat(SecretSharing.multiply(0x57, 0x13)).isEqualTo(0xfe);
        assertThat(SecretSharing.multiply(0x53, 0xca)).isEqualTo(1);
    }

    @Test
    void anySoManySharesGiveTheSecretBackAndFewerDoNot() {
        for (int n = 1; n <= 5; n++) {
            for (int m = 1; m <= n; m++) {
                List<byte[]> shares = SecretSharing.split(SECRET, m, n);
                for (int chosen = 1; chosen < 1 << n; chosen++) {
                    Map<Integer, byte[]> some = new TreeMap<>();
                    for (int x = 1; x <= n; x++) {
                        if (((chosen >>> (x - 1)) & 1) == 1) {
                            some.put(x, shares.get(x - 1));
                        }
                    }
                    byte[] secret = SecretSharing.combine(some, SECRET.length);
                    assertThat(java.security.MessageDigest.isEqual(secret, SECRET))
                            .as("%d of %d, shares %s", m, n, some.keySet())
                            .isEqualTo(some.size() >= m);
                }
            }
        }
    }

    @Test
    void twoSplittingsHaveNothingInCommon() {
        List<byte[]> one = SecretSharing.split(SECRET, 2, 3);
        List<byte[]> other = SecretSharing.split(SECRET, 2, 3);
        for (int i = 0; i < 3; i++) {
            assertThat(one.get(i)).isNotEqualTo(other.get(i)).isNotEqualTo(SECRET);
        }
    }
}
