package atlas.gateway.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import atlas.guard.PromptPart;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** One file per case; its name is the claim. {@code -Datlas.golden=write} rewrites what is read. */
class RequestReaderTest {
    private static final Path CASES = Path.of("src/test/resources/gateway/dialect");
    private static final String READ = "\n=== read ===\n";

    @TestFactory
    Stream<DynamicTest> readsWhatTheCorpusAccepts() throws IOException {
        return cases("accepted").map(f -> DynamicTest.dynamicTest(name(f), () -> accepted(f)));
    }

    @TestFactory
    Stream<DynamicTest> refusesWhatTheCorpusRefuses() throws IOException {
        return cases("refused").map(f -> DynamicTest.dynamicTest(name(f), () -> refused(f)));
    }

    private static void accepted(Path file) throws Exception {
        String text = Files.readString(file);
        int cut = text.indexOf(READ);
        String body = cut < 0 ? text.stripTrailing() : text.substring(0, cut);
        InferenceRequest request =
                RequestReader.read(operation(file), body.getBytes(StandardCharsets.UTF_8));
        String read = shown(request);
        if ("write".equals(System.getProperty("atlas.golden"))) {
            Files.writeString(file, body + READ + read);
        }
        assertThat(read).isEqualTo(text.substring(cut + READ.length()));
        assertThat(request.body()).isEqualTo(body.getBytes(StandardCharsets.UTF_8));
        // What is forwarded reads the same again: there is no second interpretation.
        InferenceRequest again =
                RequestReader.read(request.operation(), request.forwardedAs(request.model()));
        assertThat(again.parts()).isEqualTo(request.parts());
        assertThat(again.canonical()).isEqualTo(request.canonical());
    }

    private static void refused(Path file) throws Exception {
        String text = Files.readString(file);
        int line = text.indexOf('\n');
        String[] expected = text.substring(0, line).split(" \\| ", 2);
        byte[] body = text.substring(line + 1).stripTrailing().getBytes(StandardCharsets.UTF_8);
        InvalidRequest refusal =
                catchThrowableOfType(
                        InvalidRequest.class, () -> RequestReader.read(operation(file), body));
        assertThat(refusal).as("must be refused").isNotNull();
        assertThat(refusal.field()).isEqualTo(expected[0]);
        assertThat(refusal).hasMessageContaining(expected[1]);
    }

    @Test
    void refusesBytesThatAreNotUtf8() {
        byte[][] broken = {
            {(byte) 0xc0, (byte) 0xaf},
            {(byte) 0xed, (byte) 0xa0, (byte) 0x80},
            {(byte) 0xf4, (byte) 0x90, (byte) 0x80, (byte) 0x80},
            {(byte) 0xe2, (byte) 0x82},
            {(byte) 0xff},
            {0}
        };
        for (byte[] bytes : broken) {
            byte[] head = "{\"model\":\"m\",\"prompt\":\"".getBytes(StandardCharsets.UTF_8);
            byte[] body = new byte[head.length + bytes.length + 2];
            System.arraycopy(head, 0, body, 0, head.length);
            System.arraycopy(bytes, 0, body, head.length, bytes.length);
            body[body.length - 2] = '"';
            body[body.length - 1] = '}';

            assertThatThrownBy(() -> RequestReader.read(Operation.COMPLETION, body))
                    .isInstanceOf(InvalidRequest.class)
                    .hasMessage("the body is not plain UTF-8");
        }
    }

    @Test
    void refusesOtherEncodingsThatAParserWouldGuess() {
        String body = "{\"model\":\"m\",\"prompt\":\"hi\"}";
        for (var charset : List.of(StandardCharsets.UTF_16, StandardCharsets.UTF_16LE)) {
            assertThatThrownBy(
                            () -> RequestReader.read(Operation.COMPLETION, body.getBytes(charset)))
                    .isInstanceOf(InvalidRequest.class);
        }
        byte[] marked = ("\ufeff" + body).getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> RequestReader.read(Operation.COMPLETION, marked))
                .isInstanceOf(InvalidRequest.class);
    }

    @Test
    void neverQuotesTheBodyInARefusal() {
        byte[] body = "{\"model\":\"m\",\"prompt\":hunter2}".getBytes(StandardCharsets.UTF_8);

        assertThatThrownBy(() -> RequestReader.read(Operation.COMPLETION, body))
                .isInstanceOf(InvalidRequest.class)
                .hasMessageNotContaining("hunter2")
                .hasMessageContaining("line 1");
    }

    @Test
    void refusesEveryProperPrefixOfAGoodBody() throws Exception {
        byte[] body =
                """
                {"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"ü"}]}]}\
                """
                        .getBytes(StandardCharsets.UTF_8);
        RequestReader.read(Operation.CHAT, body);

        for (int length = 0; length < body.length; length++) {
            byte[] prefix = java.util.Arrays.copyOf(body, length);
            assertThatThrownBy(() -> RequestReader.read(Operation.CHAT, prefix))
                    .isInstanceOf(InvalidRequest.class);
        }
    }

    private static String shown(InferenceRequest request) {
        StringBuilder shown = new StringBuilder();
        shown.append("model ").append(request.model());
        shown.append("\nstream ").append(request.stream());
        shown.append(" usage ").append(request.usageAsked());
        shown.append("\nparameters ").append(request.parameters());
        shown.append("\nunseen ").append(request.unseen());
        for (PromptPart part : request.parts()) {
            shown.append("\n").append(part.channel()).append(' ').append(part.name());
            shown.append(": ").append(part.text().replace("\n", "⏎"));
        }
        String forwarded = new String(request.forwardedAs("engine-model"), StandardCharsets.UTF_8);
        return shown.append("\nforwarded ").append(forwarded).append('\n').toString();
    }

    private static Operation operation(Path file) {
        String kind = name(file).split("-", 2)[0];
        return Operation.valueOf(kind.toUpperCase(java.util.Locale.ROOT));
    }

    private static String name(Path file) {
        return file.getFileName().toString().replace(".txt", "");
    }

    private static Stream<Path> cases(String folder) throws IOException {
        try (Stream<Path> files = Files.list(CASES.resolve(folder))) {
            return files.sorted().toList().stream();
        }
    }
}
