package atlas.guard.train;

import atlas.guard.measure.Row;
import atlas.guard.model.LinearModel;
import atlas.guard.model.Margins;
import atlas.guard.model.Reading;
import atlas.guard.signature.Signatures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Judges every source by linear models that never saw it, and joins what the encoder's training
 * wrote about the same rows. Sources that may not train the shipped model are judged here all the
 * same: they are never seen anyway.
 */
final class LeaveOneOut {
    private final Signatures signatures;
    private final Recipe recipe;
    private final Folds folds = Folds.shipped();

    LeaveOneOut(Signatures signatures, Recipe recipe) {
        this.signatures = signatures;
        this.recipe = recipe;
    }

    /**
     * Trains once for each fold on what it does not leave out of {@code usable} and judges what it
     * leaves out of {@code all}.
     *
     * @param encoder rows of a number and two margins, as training the encoder wrote them
     */
    List<Judgement> judge(List<Row> usable, List<Row> all, Path encoder) throws IOException {
        Map<Integer, double[]> deep = read(encoder);
        List<Judgement> judged = new ArrayList<>();
        for (int fold = 0; fold < Folds.COUNT; fold++) {
            int left = fold;
            List<Row> seen = usable.stream().filter(r -> !folds.leavesOut(left, r)).toList();
            Learner.Learned learned = new Learner(signatures, recipe).learn(seen);
            LinearModel full = learned.full().quantised().model();
            LinearModel plain = learned.plain().quantised().model();
            for (int number : folds.judged(fold, all)) {
                Row row = all.get(number);
                double[] encoded = deep.get(number);
                if (encoded == null) {
                    throw new IOException(encoder + " knows nothing of row " + number);
                }
                Reading.All text = Reading.of(row.text(), signatures);
                Margins margins = full.judge(text, signatures);
                double[] four = {
                    margins.speaker().margin(), margins.carried().margin(), encoded[0], encoded[1]
                };
                judged.add(
                        new Judgement(
                                number, fold, row, mean(plain.judge(text, signatures)), four));
            }
        }
        return judged;
    }

    private static double mean(Margins margins) {
        return (margins.speaker().margin() + margins.carried().margin()) / 2;
    }

    private static Map<Integer, double[]> read(Path file) throws IOException {
        Map<Integer, double[]> margins = new HashMap<>();
        for (String line : Files.readAllLines(file)) {
            String[] parts = line.split("\t");
            margins.put(
                    Integer.parseInt(parts[0]),
                    new double[] {Double.parseDouble(parts[1]), Double.parseDouble(parts[2])});
        }
        return margins;
    }
}
