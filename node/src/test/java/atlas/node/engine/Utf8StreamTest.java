package atlas.node.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class Utf8StreamTest {
    private static final String TEXT = "a ß € 𝄞 z";

    @Test
    void givesTheSameTextHoweverTheBytesAreSplit() {
        byte[] bytes = TEXT.getBytes(StandardCharsets.UTF_8);
        for (int cut = 0; cut <= bytes.length; cut++) {
            Utf8Stream stream = new Utf8Stream();
            String text = stream.feed(Arrays.copyOf(bytes, cut));
            text += stream.feed(Arrays.copyOfRange(bytes, cut, bytes.length));
            assertThat(text + stream.finish()).as("cut at %d", cut).isEqualTo(TEXT);
        }
    }

    @Test
    void neverGivesHalfACharacter() {
        Utf8Stream stream = new Utf8Stream();
        byte[] euro = "€".getBytes(StandardCharsets.UTF_8);
        assertThat(stream.feed(new byte[] {euro[0]})).isEmpty();
        assertThat(stream.feed(new byte[] {euro[1]})).isEmpty();
        assertThat(stream.feed(new byte[] {euro[2]})).isEqualTo("€");
    }

    @Test
    void replacesWhatIsBrokenOrUnfinished() {
        Utf8Stream stream = new Utf8Stream();
        assertThat(stream.feed(new byte[] {'a', (byte) 0xff, 'b'})).isEqualTo("a\ufffdb");
        stream.feed(new byte[] {(byte) 0xe2});
        assertThat(stream.finish()).isEqualTo("\ufffd");
    }
}
