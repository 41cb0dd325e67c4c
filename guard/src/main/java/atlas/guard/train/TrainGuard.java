package atlas.guard.train;

import atlas.core.Digest;
import atlas.core.crypto.Hashes;
import atlas.guard.model.Dense;
import atlas.guard.model.Head;
import atlas.guard.model.LinearModel;
import atlas.guard.model.ModelFile;
import atlas.guard.signature.Signatures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The command that trains the classifier: {@code TrainGuard --data DIR --out DIR}. Reads {@code
 * train.jsonl.gz} and {@code dev.jsonl.gz}, leaves every source out once to choose the thresholds,
 * trains on all that may be used, and writes the model, its digest and the figures. With thresholds
 * given it leaves nothing out and trains once.
 */
public final class TrainGuard {
    /** Harmless texts of unseen sources that the thresholds may refuse. */
    private static final double FALSE_ALARMS = 0.01;

    private final Signatures signatures = Signatures.shipped();
    private final Recipe recipe = Recipe.shipped();
    private final Figures figures = new Figures();

    private TrainGuard() {}

    public static void main(String[] args) throws IOException {
        boolean given = args.length == 6 && args[4].equals("--thresholds");
        if ((args.length != 4 && !given) || !args[0].equals("--data") || !args[2].equals("--out")) {
            throw new IllegalArgumentException(
                    "usage: TrainGuard --data DIR --out DIR [--thresholds SPEAKER,CARRIED]");
        }
        new TrainGuard().run(Path.of(args[1]), Path.of(args[3]), given ? args[5] : "");
    }

    private void run(Path data, Path out, String given) throws IOException {
        Path trainFile = data.resolve("train.jsonl.gz");
        Path devFile = data.resolve("dev.jsonl.gz");
        List<Row> all = Row.read(trainFile);
        Licences licences = Licences.shipped();
        List<Row> free = licences.free(all);
        long attacks = free.stream().filter(Row::attack).count();
        figures.line(
                "recipe %s, seed %d, signatures %s",
                recipe.id(), recipe.seed(), signatures.version());
        figures.line(
                "trained on %d rows of %d, %d of them attacks", free.size(), all.size(), attacks);
        Set<String> leftOut = new TreeSet<>();
        all.stream().map(Row::source).filter(s -> !licences.allows(s)).forEach(leftOut::add);
        figures.line("sources left out: %s%n", String.join(", ", leftOut));

        float[] thresholds = given.isEmpty() ? leaveOneOut(free, all) : parse(given);
        Weights weights = new Learner(signatures, recipe).learn(free);
        String provenance =
                provenance(Hashes.sha256(Files.readAllBytes(trainFile)), free.size(), attacks);
        ModelFile file = weights.quantised(provenance, thresholds);
        dev(Row.read(devFile), file.model());
        dense(weights);

        byte[] bytes = file.encode();
        Files.createDirectories(out);
        Files.write(out.resolve("guard-model.bin"), bytes);
        Files.writeString(out.resolve("guard-model.sha256"), Hashes.sha256(bytes).hex() + "\n");
        Files.writeString(out.resolve("figures.md"), figures.toString());
    }

    private static float[] parse(String given) {
        String[] parts = given.split(",");
        return new float[] {Float.parseFloat(parts[0]), Float.parseFloat(parts[1])};
    }

    private float[] leaveOneOut(List<Row> free, List<Row> all) {
        List<Judgement> judged = new LeaveOneOut(signatures, recipe).judge(free, all);
        float[] thresholds = {
            threshold(judged, Set.of("user", "mixed")),
            threshold(judged, Set.of("document", "mixed"))
        };
        float mean = (thresholds[0] + thresholds[1]) / 2;
        List<Judgement> shifted =
                judged.stream()
                        .map(j ->
                                new Judgement(
                                        j.row(),
                                        j.margin() - of(j.row(), thresholds, mean),
                                        j.mean() - mean))
                        .toList();
        figures.line("Leave one source out, thresholds %.3f %.3f", thresholds[0], thresholds[1]);
        rankings(shifted);
        figures.groups(shifted, LeaveOneOut::group);
        return thresholds;
    }

    private void rankings(List<Judgement> judged) {
        figures.line("| ranked by | harmless | attacks | AUC | recall @ 1 %% | recall @ 5 %% |");
        figures.line("|---|---|---|---|---|---|");
        figures.ranking("channel known", judged, Judgement::margin);
        figures.ranking("channel unknown", judged, Judgement::mean);
        for (String channel : List.of("user", "document", "mixed")) {
            List<Judgement> part =
                    judged.stream().filter(j -> j.row().channel().equals(channel)).toList();
            figures.ranking(channel + " only", part, Judgement::margin);
        }
        List<Double> harmless = Figures.scores(judged, false, Judgement::margin);
        List<Double> attacks = Figures.scores(judged, true, Judgement::margin);
        figures.line(
                "%nat the thresholds: %.4f of harmless blocked, %.3f of attacks%n",
                Metrics.share(harmless, 0), Metrics.share(attacks, 0));
    }

    private static float of(Row row, float[] thresholds, float mean) {
        Head head = Judgement.head(row);
        return head == null ? mean : thresholds[head.ordinal()];
    }

    private static float threshold(List<Judgement> judged, Set<String> channels) {
        List<Double> harmless = new ArrayList<>();
        for (Judgement one : judged) {
            if (!one.row().attack() && channels.contains(one.row().channel())) {
                harmless.add(one.margin());
            }
        }
        return (float) Metrics.threshold(harmless, FALSE_ALARMS);
    }

    private void dev(List<Row> rows, LinearModel model) {
        List<Judgement> judged =
                rows.stream().map(r -> Judgement.of(r, model, signatures)).toList();
        figures.line("Dev, by the model that ships");
        rankings(judged);
        figures.groups(judged, Row::category);
        figures.groups(judged, LeaveOneOut::group);
    }

    private void dense(Weights weights) {
        figures.line("| feature | speaker | carried |%n|---|---|---|");
        for (int i = 0; i < Dense.count(signatures); i++) {
            figures.line(
                    "| %s | %.2f | %.2f |",
                    Dense.name(i, signatures),
                    weights.dense(Head.SPEAKER, i),
                    weights.dense(Head.CARRIED, i));
        }
    }

    private String provenance(Digest data, int rows, long attacks) {
        return String.format(
                java.util.Locale.ROOT,
                "{\"recipe\":\"%s\",\"seed\":%d,\"signatures\":\"%s\",\"train_sha256\":\"%s\","
                        + "\"rows\":%d,\"attacks\":%d}",
                recipe.id(),
                recipe.seed(),
                signatures.version(),
                data.hex(),
                rows,
                attacks);
    }
}
