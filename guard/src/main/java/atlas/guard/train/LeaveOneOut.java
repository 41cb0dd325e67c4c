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
     * Trains once for each fold on what it does not leave out of {@code usable}, and writes what
     * that thinks of what the fold leaves out of {@code all}: number, fold, margin of n-grams
     * alone, and those of speaker and carried.
     */
    void write(List<Row> usable, List<Row> all, Path file) throws IOException {
        List<String> lines = new ArrayList<>();
        for (int fold = 0; fold < Folds.COUNT; fold++) {
            int left = fold;
            List<Row> seen = usable.stream().filter(r -> !folds.leavesOut(left, r)).toList();
            Learner.Learned learned = new Learner(signatures, recipe).learn(seen);
            LinearModel full = learned.full().quantised().model();
            LinearModel plain = learned.plain().quantised().model();
            for (int number : folds.judged(fold, all)) {
                Reading.All text = Reading.of(all.get(number).text(), signatures);
                Margins margins = full.judge(text, signatures);
                lines.add(
                        String.join(
                                "\t",
                                Integer.toString(number),
                                Integer.toString(fold),
                                Double.toString(mean(plain.judge(text, signatures))),
                                Double.toString(margins.speaker().margin()),
                                Double.toString(margins.carried().margin())));
            }
        }
        Files.write(file, lines);
    }

    /** What {@link #write} wrote, joined with what training the encoder wrote of the same rows. */
    static List<Judgement> read(List<Row> all, Path linear, Path encoder) throws IOException {
        Map<Integer, double[]> deep = encoded(encoder);
        List<Judgement> judged = new ArrayList<>();
        for (String line : Files.readAllLines(linear)) {
            String[] parts = line.split("\t");
            int number = Integer.parseInt(parts[0]);
            double[] encoded = deep.get(number);
            if (encoded == null) {
                throw new IOException(encoder + " knows nothing of row " + number);
            }
            double[] margins = {
                Double.parseDouble(parts[3]), Double.parseDouble(parts[4]), encoded[0], encoded[1]
            };
            int fold = Integer.parseInt(parts[1]);
            double plain = Double.parseDouble(parts[2]);
            judged.add(new Judgement(number, fold, all.get(number), plain, margins));
        }
        return judged;
    }

    private static double mean(Margins margins) {
        return (margins.speaker().margin() + margins.carried().margin()) / 2;
    }

    private static Map<Integer, double[]> encoded(Path file) throws IOException {
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
