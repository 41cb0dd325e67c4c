package atlas.journal;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.tlog.NoteSigner;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Checkpoints that are signed all right and spelled wrong: every value has one spelling, and both
 * verifiers refuse the others.
 */
class CheckpointSpellingTest {
    private static final NoteSigner SIGNER = NoteSigner.generate("log.example/spelling");
    private static final String ROOT = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

    @TempDir Path logs;

    private static String text(String origin, String size, String root, String rest) {
        return origin + "\n" + size + "\n" + root + "\n" + rest;
    }

    private static String sized(String size) {
        return SIGNER.sign(text(SIGNER.verifierKey().name(), size, ROOT, ""));
    }

    private static String rooted(String root) {
        return SIGNER.sign(text(SIGNER.verifierKey().name(), "0", root, ""));
    }

    private static String base64(int bytes) {
        return Base64.getEncoder().encodeToString(new byte[bytes]);
    }

    /** Texts whose form alone is wrong, each signed as it is. */
    private static Map<String, String> wrongTexts() {
        Map<String, String> notes = new LinkedHashMap<>();
        for (String size :
                List.of(
                        "042",
                        "00",
                        "+0",
                        "-0",
                        "-1",
                        " 0",
                        "0 ",
                        "0x0",
                        "0e0",
                        "1.0",
                        "0,0",
                        "",
                        "\u0660",
                        "9223372036854775808",
                        "18446744073709551615",
                        "0\u00a0")) {
            notes.put("size `" + size + "`", sized(size));
        }
        for (int bytes : List.of(0, 1, 16, 31, 33, 64)) {
            notes.put("a root of " + bytes + " bytes", rooted(base64(bytes)));
        }
        notes.put("a root without padding", rooted(ROOT.replace("=", "")));
        notes.put("a root with more padding", rooted(ROOT + "="));
        notes.put("a root with stray bits", rooted(ROOT.replace("U=", "V=")));
        notes.put("a root in url spelling", rooted(ROOT.replace('+', '-').replace('/', '_')));
        notes.put("a root after a space", rooted(" " + ROOT));
        notes.put("a root in hex", rooted("e3b0c44298fc1c149afbf4c8996fb924"));
        String name = SIGNER.verifierKey().name();
        notes.put("no origin", SIGNER.sign(text("", "0", ROOT, "")));
        notes.put("an empty extension", SIGNER.sign(text(name, "0", ROOT, "\n")));
        notes.put("an empty extension between", SIGNER.sign(text(name, "0", ROOT, "a\n\nb\n")));
        notes.put("no root", SIGNER.sign(name + "\n0\n"));
        notes.put("size alone", SIGNER.sign("0\n"));
        notes.put("a carriage return", SIGNER.sign(text(name, "0\r", ROOT, "")));
        notes.put("a tab", SIGNER.sign(text(name, "0", ROOT, "a\tb\n")));
        notes.put("a zero byte", SIGNER.sign(text(name, "0", ROOT, "a\0b\n")));
        return notes;
    }

    /** Notes around a right text that are put together wrongly. */
    private static Map<String, String> wrongNotes() {
        String good = sized("0");
        int split = good.indexOf("\n\n") + 2;
        String text = good.substring(0, split);
        String line = good.substring(split);
        String name = SIGNER.verifierKey().name();
        Map<String, String> notes = new LinkedHashMap<>();
        notes.put("no last newline", good.stripTrailing());
        notes.put("one more newline", good + "\n");
        notes.put("no empty line", good.replace("\n\n", "\n"));
        notes.put("no signature", text);
        notes.put("a hyphen for the dash", text + line.replace('\u2014', '-'));
        notes.put("two spaces", text + line.replace("\u2014 ", "\u2014  "));
        notes.put("a space at the end", text + line.replace("\n", " \n"));
        notes.put("carriage returns", good.replace("\n", "\r\n"));
        notes.put("no name", text + "\u2014 " + line.substring(line.lastIndexOf(' ')));
        notes.put("a name with a plus", text + line + "\u2014 a+b AAAAAAA=\n");
        notes.put("a signature of four bytes", text + line + "\u2014 other AAAAAA==\n");
        notes.put("a signature not base64", text + line + "\u2014 other AAAA*AAA\n");
        notes.put("another name", text + line.replace(name, "log.example/other"));
        notes.put("a hundred lines too many", text + line + "\u2014 o AAAAAAA=\n".repeat(100));
        String other = sized("1");
        notes.put("another text's signature", text + other.substring(other.indexOf("\n\n") + 2));
        return notes;
    }

    @Test
    void bothVerifiersRefuseEverySpellingButOne() throws Exception {
        Map<String, byte[]> notes = new LinkedHashMap<>();
        wrongTexts().forEach((what, note) -> notes.put(what, utf8(note)));
        wrongNotes().forEach((what, note) -> notes.put(what, utf8(note)));
        byte[] good = utf8(sized("0"));
        ByteArrayOutputStream marked = new ByteArrayOutputStream();
        marked.writeBytes(utf8("\ufeff"));
        marked.writeBytes(good);
        notes.put("a byte order mark", marked.toByteArray());
        byte[] latin = good.clone();
        latin[2] = (byte) 0xe9;
        notes.put("not UTF-8", latin);

        List<String> arguments = new ArrayList<>(List.of("--any-log", "--key"));
        arguments.add(SIGNER.verifierKey().toString());
        arguments.add(log("good", good));
        int number = 0;
        List<String> accepted = new ArrayList<>();
        Map<String, Path> directories = new LinkedHashMap<>();
        for (Map.Entry<String, byte[]> note : notes.entrySet()) {
            String log = log("log" + number++, note.getValue());
            arguments.add(log);
            directories.put(note.getKey(), Path.of(log));
            if (!(JournalVerifier.verifyAnyLog(Path.of(log), SIGNER.verifierKey().toString())
                    instanceof Verification.Broken)) {
                accepted.add(note.getKey());
            }
        }
        assertThat(accepted).isEmpty();
        IndependentVerifier.Outcome outcome = IndependentVerifier.run(arguments);
        assertThat(outcome.of(logs.resolve("good")).holds()).isTrue();
        assertThat(directories)
                .hasSizeGreaterThan(45)
                .allSatisfy((what, log) ->
                        assertThat(outcome.of(log).where()).as(what).isEqualTo("checkpoint"));
        assertThat(
                        JournalVerifier.verifyAnyLog(
                                logs.resolve("good"), SIGNER.verifierKey().toString()))
                .isInstanceOf(Verification.Holds.class);
    }

    private String log(String name, byte[] checkpoint) throws Exception {
        Path log = Files.createDirectories(logs.resolve(name));
        Files.write(log.resolve("checkpoint"), checkpoint);
        return log.toString();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
