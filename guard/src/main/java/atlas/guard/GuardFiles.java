package atlas.guard;

import atlas.core.AuditEvent.Finding;
import atlas.core.json.Json;
import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The guard over files of JSON Lines: every line {@code {"text": …}} comes back with the answer
 * added and its other fields kept. Offline; a line that cannot be read stops the run.
 */
public final class GuardFiles {
    private static final Set<String> SCORE_FIELDS = Set.of("score", "verdict", "findings");
    private static final Set<String> REDACT_FIELDS = Set.of("redacted", "findings");

    private final PromptGuard prompts;
    private final OutputFilter outputs;

    public GuardFiles(PromptGuard prompts, OutputFilter outputs) {
        this.prompts = prompts;
        this.outputs = outputs;
    }

    /**
     * Adds {@code score}, {@code verdict} and {@code findings}; a {@code channel} field is
     * honoured.
     *
     * @return how many lines were blocked
     * @throws GuardException naming the line when one is not a JSON object with a text
     * @throws IOException when a file cannot be read or written
     */
    public long score(Path in, Path out) throws IOException {
        return run(in, out, SCORE_FIELDS, this::writeScore);
    }

    /**
     * Adds {@code redacted} and {@code findings}; a {@code system} field is a text not to leak.
     *
     * @return how many lines had findings
     * @throws GuardException naming the line when one is not a JSON object with a text
     * @throws IOException when a file cannot be read or written
     */
    public long redact(Path in, Path out) throws IOException {
        return run(in, out, REDACT_FIELDS, this::writeRedaction);
    }

    private boolean writeScore(Line line, JsonGenerator json) throws IOException {
        Scored scored =
                line.channel()
                        .map(channel -> prompts.score(line.text(), channel))
                        .orElseGet(() -> prompts.score(line.text()));
        json.writeNumberField("score", Math.round(scored.score() * 1e6) / 1e6);
        json.writeStringField("verdict", scored.verdict().wireName());
        writeFindings(scored.findings(), json);
        return scored.verdict() == Verdict.BLOCK;
    }

    private boolean writeRedaction(Line line, JsonGenerator json) throws IOException {
        Redaction redaction =
                outputs.redact(line.text(), line.system().map(List::of).orElse(List.of()));
        json.writeStringField("redacted", redaction.text());
        writeFindings(redaction.findings(), json);
        return !redaction.findings().isEmpty();
    }

    private static void writeFindings(List<Finding> findings, JsonGenerator json)
            throws IOException {
        json.writeArrayFieldStart("findings");
        for (Finding finding : findings) {
            json.writeStartObject();
            json.writeStringField("type", finding.type());
            json.writeStringField("rule", finding.rule());
            json.writeNumberField("start", finding.start());
            json.writeNumberField("end", finding.end());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static long run(Path in, Path out, Set<String> replaced, Answer answer)
            throws IOException {
        long hits = 0;
        long number = 0;
        try (BufferedReader reader = Files.newBufferedReader(in, StandardCharsets.UTF_8);
                BufferedWriter writer = Files.newBufferedWriter(out, StandardCharsets.UTF_8)) {
            for (String raw = reader.readLine(); raw != null; raw = reader.readLine()) {
                number++;
                if (raw.isBlank()) {
                    continue;
                }
                StringWriter buffer = new StringWriter(raw.length() + 128);
                try (JsonGenerator json = Json.factory().createGenerator(buffer)) {
                    json.writeStartObject();
                    Line line = copy(raw, replaced, json);
                    if (answer.write(line, json)) {
                        hits++;
                    }
                    json.writeEndObject();
                } catch (JacksonException | BadLineException e) {
                    throw new GuardException(
                            "line " + number + " is not a JSON object with a `text` string", e);
                }
                writer.write(buffer.toString());
                writer.newLine();
            }
        }
        return hits;
    }

    private static Line copy(String raw, Set<String> replaced, JsonGenerator json)
            throws IOException {
        Optional<String> text = Optional.empty();
        Optional<Channel> channel = Optional.empty();
        Optional<String> system = Optional.empty();
        try (JsonParser parser = Json.factory().createParser(raw)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new BadLineException();
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                JsonToken value = parser.nextToken();
                if (value == JsonToken.VALUE_STRING) {
                    switch (name) {
                        case "text" -> text = Optional.of(parser.getText());
                        case "channel" -> channel = Channel.named(parser.getText());
                        case "system" -> system = Optional.of(parser.getText());
                        default -> {}
                    }
                }
                if (replaced.contains(name)) {
                    parser.skipChildren();
                } else {
                    json.writeFieldName(name);
                    json.copyCurrentStructure(parser);
                }
            }
        }
        return new Line(text.orElseThrow(BadLineException::new), channel, system);
    }

    private record Line(String text, Optional<Channel> channel, Optional<String> system) {}

    private interface Answer {
        boolean write(Line line, JsonGenerator json) throws IOException;
    }

    private static final class BadLineException extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }
}
