package atlas.e2e;

import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

/** A search that finds nothing says something only when it would have found it. */
class CanariesTest {
    private final Canaries canaries = new Canaries(7);
    private final String canary = canaries.plant("one");

    private static byte[] amid(byte[] middle) {
        byte[] all = new byte[100_003 + middle.length];
        new SplittableRandom(3).nextBytes(all);
        System.arraycopy(middle, 0, all, 50_001, middle.length);
        return all;
    }

    private static byte[] written(Compressing stream, String text) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = stream.over(bytes)) {
            out.write(text.getBytes(UTF_8));
        }
        return bytes.toByteArray();
    }

    private interface Compressing {
        OutputStream over(OutputStream out) throws Exception;
    }

    @Test
    void itIsFoundInEverySpelling() throws Exception {
        Map<String, byte[]> spellings = new LinkedHashMap<>();
        spellings.put("as it is", canary.getBytes(UTF_8));
        spellings.put("in hex", HexFormat.of().formatHex(canary.getBytes(UTF_8)).getBytes(UTF_8));
        spellings.put("in UTF-16LE", canary.getBytes(UTF_16LE));
        spellings.put("in UTF-16BE", canary.getBytes(UTF_16BE));
        StringBuilder percent = new StringBuilder();
        canary.chars()
                .forEach(c -> percent.append('%').append(HexFormat.of().toHexDigits((byte) c)));
        spellings.put("percent-encoded", percent.toString().toUpperCase().getBytes(UTF_8));
        for (String before : new String[] {"", "a", "ab", "abc"}) {
            String text = before + canary + "z";
            spellings.put("in Base64", Base64.getEncoder().encode(text.getBytes(UTF_8)));
            assertThat(String.join(" ", canaries.in(amid(spellings.get("in Base64")))))
                    .as("in Base64 after `%s`", before)
                    .contains("one in Base64");
        }
        String page = "before " + canary + " after ".repeat(50);
        spellings.put("compressed", written(GZIPOutputStream::new, page));
        spellings.forEach((spelling, bytes) ->
                assertThat(String.join(" ", canaries.in(amid(bytes))))
                        .as(spelling)
                        .contains(spelling));
        assertThat(String.join(" ", canaries.in(amid(written(DeflaterOutputStream::new, page)))))
                .contains("compressed");
    }

    @Test
    void whatIsNotThereIsNotFound() {
        assertThat(canaries.in(amid(new Canaries(8).plant("one").getBytes(UTF_8)))).isEmpty();
        assertThat(canaries.in(canary.substring(1))).isEmpty();
    }
}
