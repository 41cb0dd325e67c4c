package atlas.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.core.crypto.Floe;
import atlas.core.crypto.SealBrokenException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FloeTest {
    private static final byte[] KEY = new byte[32];
    private static final byte[] AAD = "This is AAD".getBytes(StandardCharsets.UTF_8);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "cpp_rotation", "go_rotation", "java_rotation",
                "cpp_GCM256_IV256_64", "go_GCM256_IV256_64", "java_GCM256_IV256_64",
                "cpp_GCM256_IV256_4K", "java_lastSegAligned", "java_lastSegEmpty"
            })
    void opensTheKnownAnswersOfTheSpecification(String name) throws IOException {
        byte[] sealed = hex(name + "_ct.txt");
        int segment = ByteBuffer.wrap(sealed, 2, 4).getInt();
        Floe.Parameters parameters =
                new Floe.Parameters(segment, name.endsWith("rotation") ? 2 : 20);

        assertThat(open(parameters, sealed, AAD)).isEqualTo(hex(name + "_pt.txt"));
    }

    @Test
    void opensWhatItSealedAtEveryLengthAroundASegment() {
        Floe.Parameters parameters = new Floe.Parameters(48, 1);
        for (int length = 0; length < 70; length++) {
            byte[] plain = new byte[length];
            new Random(length).nextBytes(plain);
            assertThat(open(parameters, seal(parameters, plain), AAD)).isEqualTo(plain);
        }
    }

    @Test
    void refusesEveryFlippedBit() {
        Floe.Parameters parameters = new Floe.Parameters(48, 1);
        byte[] sealed = seal(parameters, new byte[40]);
        for (int i = 0; i < sealed.length; i++) {
            byte[] flipped = sealed.clone();
            flipped[i] ^= 1;
            assertThatThrownBy(() -> open(parameters, flipped, AAD))
                    .as("byte %d", i)
                    .isInstanceOf(SealBrokenException.class);
        }
    }

    @Test
    void refusesAShorterOrReorderedMessage() {
        Floe.Parameters parameters = new Floe.Parameters(48, 1);
        byte[] sealed = seal(parameters, new byte[64]);
        byte[] shorter = Arrays.copyOf(sealed, sealed.length - 48);
        byte[] swapped = sealed.clone();
        System.arraycopy(sealed, 74, swapped, 74 + 48, 48);
        System.arraycopy(sealed, 74 + 48, swapped, 74, 48);

        assertThatThrownBy(() -> open(parameters, shorter, AAD))
                .isInstanceOf(SealBrokenException.class);
        assertThatThrownBy(() -> open(parameters, swapped, AAD))
                .isInstanceOf(SealBrokenException.class);
        assertThatThrownBy(() -> open(parameters, sealed, new byte[1]))
                .isInstanceOf(SealBrokenException.class);
    }

    private static byte[] seal(Floe.Parameters parameters, byte[] plain) {
        Floe floe = Floe.start(parameters, KEY, AAD);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(floe.header());
        byte[] segment = new byte[parameters.segmentBytes()];
        int size = parameters.plainBytes();
        int count = Math.max(1, Math.ceilDiv(plain.length, size));
        for (int i = 0; i < count; i++) {
            int from = i * size;
            byte[] part = Arrays.copyOfRange(plain, from, Math.min(plain.length, from + size));
            int bytes =
                    floe.seal(
                            FloeObjects.newCipher(), i, i == count - 1, part, part.length, segment);
            out.write(segment, 0, bytes);
        }
        return out.toByteArray();
    }

    private static byte[] open(Floe.Parameters parameters, byte[] sealed, byte[] aad) {
        byte[] header = Arrays.copyOf(sealed, Floe.HEADER_BYTES);
        Floe floe = Floe.open(parameters, KEY, aad, header);
        ByteBuffer out = ByteBuffer.allocate(sealed.length);
        long position = 0;
        for (int at = header.length; at < sealed.length; position++) {
            int length = Math.min(parameters.segmentBytes(), sealed.length - at);
            boolean last = at + length == sealed.length;
            floe.open(
                    FloeObjects.newCipher(),
                    position,
                    last,
                    ByteBuffer.wrap(sealed, at, length),
                    out);
            at += length;
        }
        return Arrays.copyOf(out.array(), out.position());
    }

    private static byte[] hex(String file) throws IOException {
        try (InputStream in = FloeTest.class.getResourceAsStream("/vault/floe/" + file)) {
            assertThat(in).isNotNull();
            return HexFormat.of()
                    .parseHex(new String(in.readAllBytes(), StandardCharsets.US_ASCII).strip());
        }
    }
}
