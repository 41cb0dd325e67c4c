package atlas.guard.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/** Writes what was measured as Markdown tables. */
final class Figures {
    private final StringBuilder text = new StringBuilder();

    void line(String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values)).append('\n');
    }

    /** Area, and recall where one harmless text in a hundred is refused. */
    void ranking(String name, List<Judgement> judged, Function<Judgement, Double> score) {
        List<Double> harmless = scores(judged, false, score);
        List<Double> attacks = scores(judged, true, score);
        if (harmless.isEmpty() || attacks.isEmpty()) {
            return;
        }
        line(
                "| %s | %d | %d | %.3f | %.3f | %.3f |",
                name,
                harmless.size(),
                attacks.size(),
                Metrics.auc(harmless, attacks),
                Metrics.share(attacks, Metrics.threshold(harmless, 0.01)),
                Metrics.share(attacks, Metrics.threshold(harmless, 0.05)));
    }

    /** For each group the share blocked, with margins already above or below the thresholds. */
    void groups(List<Judgement> judged, Function<Row, String> group) {
        Map<String, List<Judgement>> parts = new TreeMap<>();
        for (Judgement one : judged) {
            parts.computeIfAbsent(group.apply(one.row()), k -> new ArrayList<>()).add(one);
        }
        line("| group | harmless | blocked | attacks | blocked |");
        line("|---|---|---|---|---|");
        parts.forEach((name, part) -> {
            List<Double> harmless = scores(part, false, Judgement::margin);
            List<Double> attacks = scores(part, true, Judgement::margin);
            line(
                    "| %s | %d | %s | %d | %s |",
                    name, harmless.size(), blocked(harmless), attacks.size(), blocked(attacks));
        });
        line("");
    }

    private static String blocked(List<Double> margins) {
        return margins.isEmpty()
                ? "–"
                : String.format(Locale.ROOT, "%.3f", Metrics.share(margins, 0));
    }

    static List<Double> scores(
            List<Judgement> judged, boolean attack, Function<Judgement, Double> score) {
        return judged.stream().filter(j -> j.row().attack() == attack).map(score).toList();
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
