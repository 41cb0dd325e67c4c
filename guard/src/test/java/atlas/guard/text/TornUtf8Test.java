package atlas.guard.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TornUtf8Test {
    /** What the decoder of the JDK says, asked again for each torn end. */
    private static @Nullable String decoded(byte[] bytes) {
        for (int cut = 0; cut < 4 && cut < bytes.length; cut++) {
            try {
                return StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(bytes, 0, bytes.length - cut))
                        .toString();
            } catch (CharacterCodingException e) {
                // A shorter piece may do.
            }
        }
        return null;
    }

    private static void same(byte[] bytes) {
        assertEquals(decoded(bytes), TornUtf8.text(bytes, bytes.length), Arrays.toString(bytes));
    }

    @Test
    void agreesWithTheDecoderOnEveryPairOfBytesAtTheEnd() {
        for (int first = 0; first < 256; first++) {
            for (int second = 0; second < 256; second++) {
                same(new byte[] {'a', (byte) first, (byte) second});
                same(new byte[] {'a', (byte) first, (byte) second, (byte) 0x80, (byte) 0x80, 'b'});
            }
        }
    }

    @Test
    void agreesWithTheDecoderOnRandomBytesOfEveryKind() {
        long seed = 20261126;
        Random random = new Random(seed);
        int[] kinds = {0x00, 0x41, 0x80, 0xbf, 0xc2, 0xe0, 0xe4, 0xed, 0xf0, 0xf4, 0xf5, 0xff};
        for (int round = 0; round < 200_000; round++) {
            byte[] bytes = new byte[1 + random.nextInt(9)];
            for (int i = 0; i < bytes.length; i++) {
                int low = random.nextInt(16);
                bytes[i] = (byte) (kinds[random.nextInt(kinds.length)] ^ low);
            }
            same(bytes);
        }
    }

    @Test
    void agreesWithTheDecoderOnTextTornAnywhere() {
        byte[] bytes = "naïve 忽略 \ud835\udc22gnore".getBytes(StandardCharsets.UTF_8);
        for (int end = 1; end <= bytes.length; end++) {
            same(Arrays.copyOf(bytes, end));
        }
    }

    @Test
    void findsNothingInNothing() {
        assertNull(TornUtf8.text(new byte[0], 0));
        assertNull(TornUtf8.text(new byte[] {(byte) 0xff}, 1));
    }
}
