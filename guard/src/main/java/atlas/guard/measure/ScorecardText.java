package atlas.guard.measure;

import atlas.core.json.Json;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;

/** Writes a scorecard down: as Markdown for people, as one JSON object for programs. */
public final class ScorecardText {
    private ScorecardText() {}

    /** Tables in Markdown, headings of the second level. */
    public static String markdown(Scorecard card) {
        StringBuilder text = new StringBuilder();
        Scorecard.Line all = card.whole();
        text.append("| figure | value (95 %) |\n|---|---|\n");
        row(text, "harmless texts", all.harmless());
        row(text, "attacks", all.attacks());
        row(text, "AUC", all.auc());
        row(text, "recall where 1 % of these harmless texts are flagged", card.atOnePercent());
        row(
                text,
                String.format(
                        Locale.ROOT,
                        "recall at threshold %.6f (%s)",
                        card.threshold(),
                        card.origin()),
                all.recall());
        row(text, "false alarms at that threshold", all.falseAlarms());
        row(text, "hard harmless texts left alone", card.hardNegatives());
        card.groups().forEach((name, lines) -> table(text, name, lines));
        return text.toString();
    }

    private static void row(StringBuilder text, String name, Object value) {
        text.append("| ").append(name).append(" | ").append(value).append(" |\n");
    }

    private static void table(StringBuilder text, String name, List<Scorecard.Line> lines) {
        text.append("\n## By ").append(name).append("\n\n");
        text.append("| ")
                .append(name)
                .append(" | harmless | false alarms | attacks | AUC | recall |\n")
                .append("|---|---|---|---|---|---|\n");
        for (Scorecard.Line line : lines) {
            text.append("| ")
                    .append(line.name().replace("|", "\\|").replace('\n', ' '))
                    .append(" | ")
                    .append(line.harmless())
                    .append(" | ")
                    .append(line.falseAlarms())
                    .append(" | ")
                    .append(line.attacks())
                    .append(" | ")
                    .append(line.auc())
                    .append(" | ")
                    .append(line.recall())
                    .append(" |\n");
        }
    }

    /** One JSON object on one line; a figure is a number with the ends of its interval. */
    public static String json(Scorecard card) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = Json.factory().createGenerator(text)) {
            json.writeStartObject();
            json.writeNumberField("threshold", card.threshold());
            json.writeStringField("threshold_origin", card.origin());
            figure(json, "recall_at_1_percent", card.atOnePercent());
            figure(json, "hard_negatives_left_alone", card.hardNegatives());
            json.writeFieldName("all");
            line(json, card.whole());
            for (var group : card.groups().entrySet()) {
                json.writeArrayFieldStart("by_" + group.getKey());
                for (Scorecard.Line line : group.getValue()) {
                    line(json, line);
                }
                json.writeEndArray();
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("writing a scorecard to memory", e);
        }
        return text.toString();
    }

    private static void line(JsonGenerator json, Scorecard.Line line) throws IOException {
        json.writeStartObject();
        json.writeStringField("name", line.name());
        json.writeNumberField("harmless", line.harmless());
        figure(json, "false_alarms", line.falseAlarms());
        json.writeNumberField("attacks", line.attacks());
        figure(json, "auc", line.auc());
        figure(json, "recall", line.recall());
        json.writeEndObject();
    }

    private static void figure(JsonGenerator json, String name, Interval figure)
            throws IOException {
        json.writeFieldName(name);
        if (!figure.measured()) {
            json.writeNull();
            return;
        }
        json.writeStartArray();
        json.writeNumber(figure.value());
        json.writeNumber(figure.low());
        json.writeNumber(figure.high());
        json.writeEndArray();
    }
}
