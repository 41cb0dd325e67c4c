package atlas.export.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class CefRecordTest {
    private static final long SEED = 20260304;

    private static String line(ExportEntry entry) {
        byte[] text = ExportFormat.CEF.line(entry, ExportContent.METADATA).text();
        return new String(text, StandardCharsets.UTF_8);
    }

    /** The seven header fields, then the extension, as a receiver takes them apart. */
    private static List<String> parts(String line) {
        assertThat(line).startsWith("CEF:0|");
        List<String> parts = new ArrayList<>();
        StringBuilder part = new StringBuilder();
        int i = 0;
        for (; i < line.length() && parts.size() < 7; i++) {
            char c = line.charAt(i);
            if (c == '\\') {
                part.append(line.charAt(++i));
            } else if (c == '|') {
                parts.add(part.toString());
                part.setLength(0);
            } else {
                part.append(c);
            }
        }
        parts.add(line.substring(i));
        return parts;
    }

    /** A key is the last word before an equals sign that no backslash stands before. */
    private static Map<String, String> extension(String text) {
        Map<String, String> fields = new LinkedHashMap<>();
        String key = "";
        StringBuilder value = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\') {
                char escaped = text.charAt(++i);
                value.append(escaped == 'n' ? '\n' : escaped == 'r' ? '\r' : escaped);
            } else if (c == '=') {
                int word = value.lastIndexOf(" ") + 1;
                String next = value.substring(word);
                if (!key.isEmpty()) {
                    fields.put(key, value.substring(0, Math.max(0, word - 1)));
                }
                key = next;
                value.setLength(0);
            } else {
                value.append(c);
            }
        }
        fields.put(key, value.toString());
        return fields;
    }

    @Test
    void everyKindOfFactIsOneRecordThatReadsBack() {
        for (ExportEntry entry : EveryFact.entries("a|b=c\\d\ne\rf\tg src=6.6.6.6 \u2028h")) {
            String line = line(entry);
            assertThat(line.lines()).hasSize(1);
            List<String> parts = parts(line);
            assertThat(parts.subList(0, 4))
                    .containsExactly("CEF:0", "Atlas", "Atlas", Product.VERSION);
            assertThat(parts.get(4)).isEqualTo(entry.kind());
            assertThat(Integer.parseInt(parts.get(6))).isBetween(0, 10);
            Map<String, String> fields = extension(parts.get(7));
            assertThat(fields)
                    .containsEntry("externalId", Long.toString(entry.index()))
                    .containsEntry("rt", Long.toString(entry.when().toEpochMilli()))
                    .containsEntry("cs6Label", "event")
                    .doesNotContainEntry("src", "6.6.6.6");
            assertThat(Fact.read(String.valueOf(fields.get("cs6"))))
                    .isEqualTo(Fact.read(ExportContent.METADATA.of(entry.json())));
        }
    }

    @Test
    void nothingACallerCanWriteBecomesAFieldOrASecondRecord() {
        SplittableRandom random = new SplittableRandom(SEED);
        String alphabet = "|=\\ \n\r\tsrcact0\u0000\u0085é\u2028\uD83D\uDE00CEF:";
        for (int round = 0; round < 2000; round++) {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(24); i > 0; i--) {
                text.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            String reason = text.toString();
            String json =
                    "{\"kind\":\"access.refused\",\"source\":\"203.0.113.9\",\"reason\":"
                            + Fact.JSON.getNodeFactory().textNode(reason)
                            + "}";
            String line =
                    line(new ExportEntry("o", round, Instant.EPOCH, "access.refused", "l", json));
            assertThat(line.chars().noneMatch(Character::isISOControl)).isTrue();
            Map<String, String> fields = extension(parts(line).get(7));
            assertThat(fields)
                    .as("seed %d round %d: %s", SEED, round, line)
                    .containsEntry("src", "203.0.113.9")
                    .containsEntry("rt", "0");
            assertThat(fields.keySet())
                    .isSubsetOf(
                            "rt",
                            "externalId",
                            "src",
                            "reason",
                            "cs1Label",
                            "cs1",
                            "cs2Label",
                            "cs2",
                            "cs6Label",
                            "cs6");
        }
    }
}
