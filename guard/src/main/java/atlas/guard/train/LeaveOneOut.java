package atlas.guard.train;

import atlas.guard.model.LinearModel;
import atlas.guard.signature.Signatures;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Judges every source by a model that never saw it. Sources that may not train the shipped model
 * are judged here all the same: they are never seen anyway.
 */
final class LeaveOneOut {
    /** At most so many rows of a source and label, lest the large ones hide the small. */
    private static final int MOST = 400;

    private final Signatures signatures;
    private final Recipe recipe;

    LeaveOneOut(Signatures signatures, Recipe recipe) {
        this.signatures = signatures;
        this.recipe = recipe;
    }

    /**
     * Trains once for each fold on {@code free} and judges what the fold leaves out of {@code all}.
     */
    List<Judgement> judge(List<Row> free, List<Row> all) {
        List<Judgement> judged = new ArrayList<>();
        for (List<String> fold : folds()) {
            List<Row> seen = free.stream().filter(r -> part(fold, r).isEmpty()).toList();
            LinearModel model =
                    new Learner(signatures, recipe).learn(seen).quantised("", new float[2]).model();
            Map<String, Integer> taken = new HashMap<>();
            for (Row row : all) {
                boolean out = part(fold, row).isPresent();
                if (out && taken.merge(row.source() + row.attack(), 1, Integer::sum) <= MOST) {
                    judged.add(Judgement.of(row, model, signatures));
                }
            }
        }
        return judged;
    }

    /** The group of sources a row belongs to. */
    static String group(Row row) {
        return folds().stream()
                .map(fold -> part(fold, row))
                .flatMap(Optional::stream)
                .findFirst()
                .orElse(row.source());
    }

    private static Optional<String> part(List<String> fold, Row row) {
        return fold.stream().filter(row.source()::startsWith).findFirst();
    }

    private static List<List<String>> folds() {
        try (InputStream in =
                Objects.requireNonNull(LeaveOneOut.class.getResourceAsStream("folds.txt"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(l -> !l.startsWith("#"))
                    .map(l -> Arrays.asList(l.split(",")))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("reading the folds of this build", e);
        }
    }
}
