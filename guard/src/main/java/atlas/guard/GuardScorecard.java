package atlas.guard;

import atlas.guard.measure.Measured;
import atlas.guard.measure.Metrics;
import atlas.guard.measure.Row;
import atlas.guard.measure.Scorecard;
import atlas.guard.measure.ScorecardText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The scorecard of a guard over a folder of labelled JSON Lines, {@code *.jsonl} or {@code
 * *.jsonl.gz}, with {@code text} and {@code label} and, where known, {@code source}, {@code
 * category}, {@code lang} and {@code channel}. The threshold is fixed on the harmless rows of a
 * file whose name begins with {@code dev}, if there is one, and else it is the one that flags.
 * Offline; judges one row after another in the calling thread. Immutable.
 */
public final class GuardScorecard {
    private static final double FALSE_ALARMS = 0.01;

    private final Scorecard card;

    private GuardScorecard(Scorecard card) {
        this.card = card;
    }

    /**
     * Measures a guard.
     *
     * @throws GuardException when the folder has no rows, or one cannot be read
     * @throws IOException when a file cannot be read
     */
    public static GuardScorecard of(Path folder, PromptGuard guard) throws IOException {
        List<Measured> rows = new ArrayList<>();
        List<Double> dev = new ArrayList<>();
        for (Path file : files(folder)) {
            boolean fixes = file.getFileName().toString().startsWith("dev");
            for (Row row : rows(file)) {
                Measured one = new Measured(row, score(row, guard));
                rows.add(one);
                if (fixes && !row.attack()) {
                    dev.add(one.score());
                }
            }
        }
        if (rows.isEmpty()) {
            throw new GuardException("`" + folder + "` has no rows in *.jsonl or *.jsonl.gz");
        }
        double threshold = dev.isEmpty() ? guard.flagScore() : Metrics.threshold(dev, FALSE_ALARMS);
        String origin = dev.isEmpty() ? "the one that flags" : "1 % of the harmless texts of dev";
        return new GuardScorecard(Scorecard.of(rows, threshold, origin));
    }

    private static List<Row> rows(Path file) throws IOException {
        try {
            return Row.read(file);
        } catch (Row.UnreadableRow e) {
            throw new GuardException(String.valueOf(e.getMessage()), e);
        }
    }

    private static double score(Row row, PromptGuard guard) {
        Optional<Channel> channel = Channel.named(row.channel());
        return channel.map(c -> guard.score(row.text(), c))
                .orElseGet(() -> guard.score(row.text()))
                .score();
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(file -> file.toString().matches(".*[.]jsonl([.]gz)?"))
                    .sorted()
                    .toList();
        }
    }

    /** Tables in Markdown. */
    public String markdown() {
        return ScorecardText.markdown(card);
    }

    /** One JSON object on one line. */
    public String json() {
        return ScorecardText.json(card);
    }
}
