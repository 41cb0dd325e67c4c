package atlas.guard.train;

import atlas.guard.model.Head;
import atlas.guard.model.LinearModel;
import atlas.guard.model.Reading;
import atlas.guard.signature.Signatures;
import org.jspecify.annotations.Nullable;

/** A row and the margin a model gave it: above the threshold of its channel, and of no channel. */
record Judgement(Row row, double margin, double mean) {
    static Judgement of(Row row, LinearModel model, Signatures signatures) {
        Reading.All text = Reading.of(row.text(), signatures);
        double margin = model.judge(text, head(row), signatures).margin();
        return new Judgement(row, margin, model.judge(text, null, signatures).margin());
    }

    /** The head of the channel a row came by, or null when the row mixes them. */
    static @Nullable Head head(Row row) {
        return switch (row.channel()) {
            case "document", "tool" -> Head.CARRIED;
            case "user" -> Head.SPEAKER;
            default -> null;
        };
    }
}
