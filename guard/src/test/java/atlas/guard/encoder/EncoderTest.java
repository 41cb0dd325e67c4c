package atlas.guard.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.guard.text.Canonical;
import atlas.guard.text.View;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** An encoder of one channel that knows one word, so that every figure can be made by hand. */
class EncoderTest {
    private static final View ATTACK = view("attack");

    @Test
    void seesAWordAndItsNeighbourhood() throws IOException {
        Encoder encoder = encoder(1, 0.5f);

        // 127 / 127 at the word; the second convolution adds the token itself once more.
        assertThat(encoder.judge(ATTACK, 0, ATTACK.length())).containsExactly(2 * 10f, -3f);
        View far = view("attack one");
        // The token beside it has the half of it by the first convolution, and all alone counts
        // more.
        assertThat(encoder.judge(far, 0, far.length())[0]).isEqualTo(20f);
        View nothing = view("one two");
        assertThat(encoder.judge(nothing, 0, nothing.length())).containsExactly(0f, -3f);
    }

    @Test
    void takesTheMeanOfAWindowToo() throws IOException {
        Encoder encoder = encoder(1, 0);
        View two = view("attack one");

        // Head two is bias -3 plus the mean: tokens have 2 and 0.
        assertThat(encoder.judge(two, 0, two.length())[1]).isEqualTo(-3f);
        assertThat(encoder(1, 0, 4f).judge(two, 0, two.length())[1]).isEqualTo(-3f + 4f * 1f);
    }

    @Test
    void findsTheWorstWindowOfALongText() throws IOException {
        String padding = "one ".repeat(500);
        View text = view(padding + "attack " + padding);

        assertThat(encoder(1, 0).judge(text, 0, text.length())[0]).isEqualTo(20f);
        assertThat(encoder(1, 0).judge(text, 0, 1000)[0]).isZero();
    }

    @Test
    void readsBackWhatItWrote() throws IOException {
        byte[] bytes = bytes(1, 0.5f, 0);
        ByteArrayOutputStream again = new ByteArrayOutputStream();
        Encoder.read(new DataInputStream(new ByteArrayInputStream(bytes)))
                .write(new DataOutputStream(again));

        assertThat(again.toByteArray()).isEqualTo(bytes);
    }

    @Test
    void refusesWhatIsTornOrTooLarge() throws IOException {
        byte[] bytes = bytes(1, 0.5f, 0);
        byte[] torn = java.util.Arrays.copyOf(bytes, bytes.length - 1);
        byte[] large = bytes.clone();
        large[0] = 0x7f;

        for (byte[] bad : new byte[][] {torn, large, new byte[12]}) {
            assertThatThrownBy(
                            () -> Encoder.read(new DataInputStream(new ByteArrayInputStream(bad))))
                    .isInstanceOf(IOException.class);
        }
    }

    private static View view(String text) {
        return Canonical.of(text).views().getFirst();
    }

    private static Encoder encoder(int width, float beside) throws IOException {
        return encoder(width, beside, 0);
    }

    private static Encoder encoder(int width, float beside, float mean) throws IOException {
        return Encoder.read(
                new DataInputStream(new ByteArrayInputStream(bytes(width, beside, mean))));
    }

    private static byte[] bytes(int width, float beside, float mean) throws IOException {
        Tokens word = new Tokens(ATTACK);
        assertThat(word.next()).isTrue();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeInt(width);
            out.writeInt(1);
            out.writeInt(1);
            out.writeInt(word.hash());
            out.writeFloat(1 / 127f);
            out.write(new byte[] {127});
            out.writeFloat(1);
            out.write(new byte[Tokens.PIECES * width]);
            float[] numbers = {
                beside, 1, beside, 0, // first: before, itself, after; bias
                0, 1, 0, 0, // second, and the sum with the first
                10, 0, 0, mean, // heads: strongest and mean, for one and the other
                0, -3
            };
            for (float number : numbers) {
                out.writeFloat(number);
            }
        }
        return bytes.toByteArray();
    }
}
