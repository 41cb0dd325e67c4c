package atlas.guard.train;

import atlas.guard.model.Head;
import atlas.guard.model.LinearModel;
import atlas.guard.model.Reading;
import atlas.guard.signature.Signatures;

/** A row and the margin a model gave it, by the head its channel belongs to. */
record Judgement(Row row, double margin, double mean) {
    static Judgement of(Row row, LinearModel model, Signatures signatures) {
        Reading.All text = Reading.of(row.text(), signatures);
        double speaker = model.worst(text, Head.SPEAKER, signatures).margin();
        double carried = model.worst(text, Head.CARRIED, signatures).margin();
        double mean = (speaker + carried) / 2;
        return switch (row.channel()) {
            case "document", "tool" -> new Judgement(row, carried, mean);
            case "user" -> new Judgement(row, speaker, mean);
            default -> new Judgement(row, mean, mean);
        };
    }
}
