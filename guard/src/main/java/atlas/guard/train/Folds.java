package atlas.guard.train;

import atlas.guard.measure.Row;
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

/**
 * Which sources are left out together. The lines of {@code folds.txt} are dealt to a few folds;
 * every source of the list is left out exactly once. A row made from others is left out with each
 * of them.
 */
final class Folds {
    /** How often a model is trained without some of the sources. */
    static final int COUNT = 5;

    /**
     * At most so many rows of a source and label are judged, lest the large ones hide the small.
     */
    private static final int MOST = 400;

    private final List<List<String>> lines;

    private Folds(List<List<String>> lines) {
        this.lines = lines;
    }

    static Folds shipped() {
        try (InputStream in =
                Objects.requireNonNull(Folds.class.getResourceAsStream("folds.txt"))) {
            return new Folds(
                    new String(in.readAllBytes(), StandardCharsets.UTF_8)
                            .lines()
                            .filter(l -> !l.startsWith("#"))
                            .map(l -> Arrays.asList(l.split(",")))
                            .toList());
        } catch (IOException e) {
            throw new UncheckedIOException("reading the folds of this build", e);
        }
    }

    /** Whether a fold leaves this row out. */
    boolean leavesOut(int fold, Row row) {
        for (String source : row.source().split(OwnRows.FROM)) {
            for (int i = fold; i < lines.size(); i += COUNT) {
                if (lines.get(i).stream().anyMatch(source::startsWith)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** The numbers of the rows judged by a model that fold {@code fold} trained without them. */
    List<Integer> judged(int fold, List<Row> rows) {
        List<Integer> judged = new ArrayList<>();
        Map<String, Integer> taken = new HashMap<>();
        for (int i = 0; i < rows.size(); i++) {
            Row row = rows.get(i);
            if (leavesOut(fold, row)
                    && taken.merge(row.source() + row.attack(), 1, Integer::sum) <= MOST) {
                judged.add(i);
            }
        }
        return judged;
    }

    /** The source a row is counted under: the name on the list, where it is the start of one. */
    String group(Row row) {
        return lines.stream()
                .flatMap(List::stream)
                .filter(row.source()::startsWith)
                .findFirst()
                .orElse(row.source());
    }
}
