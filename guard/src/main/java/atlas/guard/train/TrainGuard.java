package atlas.guard.train;

import atlas.core.crypto.Hashes;
import atlas.guard.encoder.Encoder;
import atlas.guard.measure.Measured;
import atlas.guard.measure.Metrics;
import atlas.guard.measure.Row;
import atlas.guard.measure.Scorecard;
import atlas.guard.measure.ScorecardText;
import atlas.guard.model.Blend;
import atlas.guard.model.ModelFile;
import atlas.guard.signature.Signatures;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntToDoubleFunction;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.Collectors;

/**
 * The Java half of training: {@code TrainGuard rows DATA OUT} writes all rows as the encoder reads
 * them; {@code TrainGuard model DATA OUT}, after the encoder was trained, judges every source by
 * models that never saw it, fits how the parts go together on that, and writes the model, its
 * digest and what was measured. {@code guard/train} runs everything in order.
 */
public final class TrainGuard {
    private final Signatures signatures = Signatures.shipped();
    private final Recipe recipe = Recipe.shipped();
    private final Path out;
    private final String digest;
    private final List<Row> all;
    private final int given;
    private final List<Row> usable;

    /** Rows that the linear classifier learns from as well. */
    private final List<Row> foreign;

    private TrainGuard(Path data, Path out) throws IOException {
        Path file = data.resolve("train.jsonl.gz");
        this.out = out;
        this.digest = Hashes.sha256(Files.readAllBytes(file)).hex();
        this.all = new ArrayList<>(Row.read(file));
        this.given = all.size();
        List<Row> free = Licences.shipped().free(all);
        RandomGenerator random = RandomGeneratorFactory.of("Random").create(recipe.seed());
        List<Row> own = new ArrayList<>(OwnRows.of(free, recipe.own(), random));
        own.addAll(Twins.of(free, recipe.twins(), random));
        this.all.addAll(own);
        this.usable = new ArrayList<>(free);
        this.usable.addAll(own);
        this.foreign = OwnRows.foreign(recipe.foreign(), random);
    }

    public static void main(String[] args) throws IOException {
        if (args.length != 3 || !(args[0].equals("rows") || args[0].equals("model"))) {
            throw new IllegalArgumentException("usage: TrainGuard rows|model DATA OUT");
        }
        Path out = Path.of(args[2]);
        Files.createDirectories(out);
        TrainGuard training = new TrainGuard(Path.of(args[1]), out);
        if (args[0].equals("rows")) {
            training.rows();
        } else {
            training.model();
        }
    }

    private void rows() throws IOException {
        new TokenRows(signatures).write(all, out);
        Folds folds = Folds.shipped();
        int[] judged = new int[all.size()];
        Arrays.fill(judged, -1);
        for (int fold = 0; fold < Folds.COUNT; fold++) {
            for (int number : folds.judged(fold, all.subList(0, given))) {
                judged[number] = fold;
            }
        }
        Set<Row> free = Collections.newSetFromMap(new IdentityHashMap<>());
        free.addAll(usable);
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < judged.length; i++) {
            Row row = all.get(i);
            List<String> left = new ArrayList<>();
            for (int fold = 0; fold < Folds.COUNT; fold++) {
                if (folds.leavesOut(fold, row)) {
                    left.add(Integer.toString(fold));
                }
            }
            lines.add(
                    String.join(
                            "\t",
                            row.attack() ? "1" : "0",
                            row.source(),
                            row.category(),
                            row.lang(),
                            row.channel(),
                            free.contains(row) ? "1" : "0",
                            String.join(",", left),
                            Integer.toString(judged[i])));
        }
        Files.write(out.resolve("rows.tsv"), lines);
    }

    private void model() throws IOException {
        List<Row> rows = new ArrayList<>(usable);
        rows.addAll(foreign);
        List<Judgement> judged =
                new LeaveOneOut(signatures, recipe)
                        .judge(rows, all.subList(0, given), out.resolve("encoder-loso.tsv"));
        Blend[] blends = Blending.all(judged);
        Encoder encoder;
        try (DataInputStream in =
                new DataInputStream(Files.newInputStream(out.resolve("encoder.bin")))) {
            encoder = Encoder.read(new DataInputStream(new BufferedInputStream(in)));
        }
        Weights weights = new Learner(signatures, recipe).learn(rows).full();
        ModelFile file = new ModelFile(provenance(), weights.quantised(), encoder, blends);
        byte[] bytes = file.encode();
        Files.write(out.resolve("guard-model.bin"), bytes);
        Files.writeString(out.resolve("guard-model.sha256"), Hashes.sha256(bytes).hex() + "\n");
        Files.writeString(out.resolve("figures.md"), figures(judged, blends));
    }

    private String figures(List<Judgement> judged, Blend[] blends) {
        StringBuilder text = new StringBuilder();
        text.append("| ranked by | AUC | recall @ 1 % | recall @ 5 % |\n|---|---|---|---|\n");
        double[] known = Blending.scores(judged, true);
        double[] unknown = Blending.scores(judged, false);
        rank(text, "n-grams alone (baseline)", judged, i -> judged.get(i).plain());
        rank(text, "linear", judged, i -> sum(judged.get(i), 0));
        rank(text, "encoder", judged, i -> sum(judged.get(i), 2));
        rank(text, "cascade, channel unknown", judged, i -> unknown[i]);
        rank(text, "cascade, channel known", judged, i -> known[i]);
        text.append(
                String.format(
                        Locale.ROOT,
                        "%nencoder asked: %.3f of harmless texts, %.3f of attacks%n%n",
                        Blending.asked(blends, judged, j -> !j.row().attack()),
                        Blending.asked(blends, judged, j -> j.row().attack())));
        Folds folds = Folds.shipped();
        List<Measured> rows = new ArrayList<>();
        for (int i = 0; i < known.length; i++) {
            Row row = judged.get(i).row();
            Row named =
                    new Row(
                            "",
                            row.attack(),
                            folds.group(row),
                            row.category(),
                            row.lang(),
                            row.channel());
            rows.add(new Measured(named, known[i]));
        }
        return text.append(
                        ScorecardText.markdown(
                                Scorecard.of(
                                        rows, Blend.FLAG, "1 % of harmless texts of other folds")))
                .append("\nLeft out of training for their licence: ")
                .append(leftOut())
                .append(".\n")
                .toString();
    }

    private static double sum(Judgement judged, int from) {
        return judged.margins()[from] + judged.margins()[from + 1];
    }

    private static void rank(
            StringBuilder text, String name, List<Judgement> judged, IntToDoubleFunction by) {
        List<Double> harmless = new ArrayList<>();
        List<Double> attacks = new ArrayList<>();
        for (int i = 0; i < judged.size(); i++) {
            (judged.get(i).row().attack() ? attacks : harmless).add(by.applyAsDouble(i));
        }
        text.append(
                String.format(
                        Locale.ROOT,
                        "| %s | %.3f | %.3f | %.3f |%n",
                        name,
                        Metrics.auc(harmless, attacks),
                        Metrics.share(attacks, Metrics.threshold(harmless, 0.01)),
                        Metrics.share(attacks, Metrics.threshold(harmless, 0.05))));
    }

    private String leftOut() {
        Licences licences = Licences.shipped();
        return all.subList(0, given).stream()
                .map(Row::source)
                .filter(source -> !licences.allows(source))
                .collect(Collectors.toCollection(TreeSet::new))
                .stream()
                .collect(Collectors.joining(", "));
    }

    private String provenance() {
        return String.format(
                Locale.ROOT,
                "{\"recipe\":\"%s\",\"seed\":%d,\"signatures\":\"%s\",\"train_sha256\":\"%s\","
                        + "\"rows\":%d,\"attacks\":%d,\"own\":%d}",
                recipe.id(),
                recipe.seed(),
                signatures.version(),
                digest,
                usable.stream().filter(r -> !OwnRows.own(r)).count(),
                usable.stream().filter(r -> r.attack() && !OwnRows.own(r)).count(),
                usable.stream().filter(OwnRows::own).count() + foreign.size());
    }
}
