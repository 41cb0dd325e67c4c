package atlas.guard;

import atlas.guard.measure.Row;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Fits thresholds on somebody's own harmless traffic: lines {@code {"text": …}} with a {@code
 * channel} or {@code role}, where known; rows with {@code "label": 1} are left out. Offline.
 */
public final class GuardCalibration {
    private final PromptGuard guard;
    private final Map<Thresholds.For, List<Double>> scores = new EnumMap<>(Thresholds.For.class);

    public GuardCalibration(PromptGuard guard) {
        this.guard = guard;
    }

    /**
     * What was fitted for a kind of channel.
     *
     * @param fitted false when there were too few texts and the shipped thresholds stay
     */
    public record Line(String channel, int texts, boolean fitted, double flag, double block) {}

    /**
     * Scores a file and writes the thresholds that these shares of its texts meet.
     *
     * @throws GuardException naming the line when one is not a JSON object with a text
     * @throws IOException when a file cannot be read or written
     */
    public List<Line> run(Path traffic, double flagged, double blocked, Path target)
            throws IOException {
        if (!(blocked > 0 && blocked <= flagged && flagged < 0.5)) {
            throw new IllegalArgumentException(
                    "shares of false positives must satisfy 0 < blocked <= flagged < 50 %");
        }
        read(traffic);
        Thresholds thresholds = guard.shipped();
        List<Line> lines = new ArrayList<>();
        for (Thresholds.For kind : Thresholds.For.values()) {
            List<Double> harmless = scores.getOrDefault(kind, List.of());
            Optional<Thresholds.Pair> fit = Thresholds.fit(harmless, flagged, blocked);
            if (fit.isPresent()) {
                thresholds = thresholds.with(kind, fit.get());
            }
            Thresholds.Pair pair = thresholds.of(kind);
            lines.add(
                    new Line(
                            kind.name().toLowerCase(Locale.ROOT),
                            harmless.size(),
                            fit.isPresent(),
                            pair.flag(),
                            pair.block()));
        }
        thresholds.write(target, guard.version());
        return lines;
    }

    private void read(Path traffic) throws IOException {
        for (Row row : rows(traffic)) {
            Optional<Channel> channel = Channel.named(row.channel());
            double score =
                    channel.map(c -> guard.score(row.text(), c))
                            .orElseGet(() -> guard.score(row.text()))
                            .score();
            Thresholds.For kind = channel.map(Thresholds.For::of).orElse(Thresholds.For.UNKNOWN);
            scores.computeIfAbsent(kind, k -> new ArrayList<>()).add(score);
        }
    }

    private static List<Row> rows(Path traffic) throws IOException {
        try {
            return Row.readHarmless(traffic);
        } catch (Row.UnreadableRow e) {
            throw new GuardException(String.valueOf(e.getMessage()), e);
        }
    }
}
