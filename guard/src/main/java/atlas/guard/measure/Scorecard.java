package atlas.guard.measure;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * What a set of measured rows says about a detector: as a whole, and by source, language, channel
 * and category. A group is asked at one threshold that was fixed elsewhere, so that its own rows
 * cannot flatter it; the false alarms there are as measured.
 *
 * @param threshold the score from which a text counts as found
 * @param origin where the threshold comes from, for the reader
 * @param whole all rows together
 * @param atOnePercent the share of attacks found where one harmless text of these in a hundred is
 *     taken for one
 * @param groups by what rows were parted, and under that the name of each part
 */
public record Scorecard(
        double threshold,
        String origin,
        Line whole,
        Interval atOnePercent,
        Map<String, List<Line>> groups) {
    private static final String HARD = "benign-hard";

    /**
     * A group of rows.
     *
     * @param auc of its attacks against the harmless rows of all groups
     */
    public record Line(
            String name,
            int harmless,
            Interval falseAlarms,
            int attacks,
            Interval auc,
            Interval recall) {}

    /** Measures rows at a threshold. */
    public static Scorecard of(List<Measured> rows, double threshold, String origin) {
        double[] harmless = scores(rows, false);
        Map<String, List<Line>> groups = new LinkedHashMap<>();
        groups.put("source", lines(rows, harmless, threshold, Row::source));
        groups.put("language", lines(rows, harmless, threshold, Row::lang));
        groups.put("channel", lines(rows, harmless, threshold, Row::channel));
        groups.put("category", lines(rows, harmless, threshold, Row::category));
        return new Scorecard(
                threshold,
                origin,
                line("all", rows, harmless, threshold),
                Interval.recallAt(0.01, harmless, scores(rows, true)),
                groups);
    }

    /** The share of hard harmless texts, those that talk like attacks, that were left alone. */
    public Interval hardNegatives() {
        for (Line line : groups.getOrDefault("category", List.of())) {
            if (line.name().equals(HARD) && line.falseAlarms().measured()) {
                Interval alarms = line.falseAlarms();
                return new Interval(1 - alarms.value(), 1 - alarms.high(), 1 - alarms.low());
            }
        }
        return Interval.NONE;
    }

    private static List<Line> lines(
            List<Measured> rows, double[] harmless, double threshold, Function<Row, String> group) {
        Map<String, List<Measured>> parts = new TreeMap<>();
        for (Measured one : rows) {
            parts.computeIfAbsent(group.apply(one.row()), name -> new ArrayList<>()).add(one);
        }
        List<Line> lines = new ArrayList<>();
        parts.forEach((name, part) -> lines.add(line(name, part, harmless, threshold)));
        return lines;
    }

    private static Line line(
            String name, List<Measured> rows, double[] harmless, double threshold) {
        double[] own = scores(rows, false);
        double[] attacks = scores(rows, true);
        return new Line(
                name,
                own.length,
                Interval.mean(reached(own, threshold)),
                attacks.length,
                harmless.length == 0
                        ? Interval.NONE
                        : Interval.mean(Metrics.wins(harmless, attacks)),
                Interval.mean(reached(attacks, threshold)));
    }

    private static double[] reached(double[] scores, double threshold) {
        double[] reached = new double[scores.length];
        for (int i = 0; i < scores.length; i++) {
            reached[i] = scores[i] >= threshold ? 1 : 0;
        }
        return reached;
    }

    private static double[] scores(List<Measured> rows, boolean attack) {
        return rows.stream()
                .filter(m -> m.row().attack() == attack)
                .mapToDouble(Measured::score)
                .toArray();
    }
}
