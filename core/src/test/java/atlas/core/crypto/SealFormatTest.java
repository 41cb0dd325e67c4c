package atlas.core.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

class SealFormatTest {
    private static final SecretKeySpec KEY = new SecretKeySpec(new byte[32], "HmacSHA256");
    private static final byte[] PLACE = "place".getBytes(StandardCharsets.UTF_8);

    @Test
    void opensWhatItSealed() {
        for (int length : new int[] {0, 1, 15, 16, 17, 1024, 100_000}) {
            byte[] plain = new byte[length];
            Arrays.fill(plain, (byte) 7);
            byte[] sealed = SealFormat.seal(KEY, 3, plain, PLACE);

            assertThat(sealed).hasSize(length + SealFormat.OVERHEAD_BYTES);
            assertThat(SealFormat.version(sealed)).isEqualTo(3);
            assertThat(SealFormat.open(KEY, sealed, PLACE)).isEqualTo(plain);
        }
    }

    @Test
    void sealsTheSameBytesDifferentlyEveryTime() {
        assertThat(SealFormat.seal(KEY, 1, PLACE, PLACE))
                .isNotEqualTo(SealFormat.seal(KEY, 1, PLACE, PLACE));
    }

    @Test
    void refusesEveryFlippedBitAndEveryTruncation() {
        byte[] sealed = SealFormat.seal(KEY, 1, new byte[20], PLACE);
        for (int i = 0; i < sealed.length; i++) {
            byte[] flipped = sealed.clone();
            flipped[i] ^= (byte) 0x80;
            byte[] cut = Arrays.copyOf(sealed, i);
            assertThatThrownBy(() -> SealFormat.open(KEY, flipped, PLACE))
                    .as("byte %d", i)
                    .isInstanceOf(SealBrokenException.class);
            assertThatThrownBy(() -> SealFormat.open(KEY, cut, PLACE))
                    .isInstanceOf(SealBrokenException.class);
        }
    }

    @Test
    void refusesAnotherPlaceAndAnotherKeyByItsCommitment() {
        byte[] sealed = SealFormat.seal(KEY, 1, new byte[20], PLACE);
        byte[] other = new byte[32];
        other[0] = 1;

        assertThatThrownBy(() -> SealFormat.open(KEY, sealed, new byte[0]))
                .isInstanceOf(SealBrokenException.class)
                .hasMessageContaining("do not belong to this key");
        assertThatThrownBy(() -> SealFormat.open(new SecretKeySpec(other, "x"), sealed, PLACE))
                .isInstanceOf(SealBrokenException.class)
                .hasMessageContaining("do not belong to this key");
    }

    /** Made by an independent implementation of the format as documented. */
    @Test
    void opensAMessageMadeByAnotherImplementation() {
        byte[] sealed = HexFormat.of().parseHex(KNOWN);

        assertThat(SealFormat.open(KEY, sealed, PLACE))
                .isEqualTo("hello".getBytes(StandardCharsets.UTF_8));
    }

    private static final String KNOWN =
            "4174533100000001000102030405060708090a0b0c0d0e0f1011121314151617e754823aabf8"
                    + "f8f5c4ed338441093437d9346cca2e7af3cb38ff58c72d2ac69950e7673b6bc799f5191dc745"
                    + "00172b4b477a3c023d";
}
