package atlas.guard.train;

import atlas.core.crypto.Hashes;
import atlas.guard.encoder.Encoder;
import atlas.guard.measure.Measured;
import atlas.guard.measure.Metrics;
import atlas.guard.measure.Row;
import atlas.guard.measure.Scorecard;
import atlas.guard.measure.ScorecardText;
import atlas.guard.model.Blend;
import atlas.guard.model.Dense;
import atlas.guard.model.Linear;
import atlas.guard.model.ModelFile;
import atlas.guard.signature.Signatures;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
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
 * them; {@code TrainGuard linear} trains the linear classifier without each fold of sources and
 * then on everything; {@code TrainGuard model}, after the encoder was trained likewise, fits how
 * the parts go together on sources nobody saw, and writes the model, its digest and what was
 * measured. {@code guard/train-guard} runs everything in order.
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
        if (args.length != 3) {
            throw new IllegalArgumentException("usage: TrainGuard rows|linear|model DATA OUT");
        }
        Path out = Path.of(args[2]);
        Files.createDirectories(out);
        TrainGuard training = new TrainGuard(Path.of(args[1]), out);
        switch (args[0]) {
            case "rows" -> training.rows();
            case "linear" -> training.linear();
            case "model" -> training.model();
            default -> throw new IllegalArgumentException("no step is named `" + args[0] + "`");
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

    private void linear() throws IOException {
        List<Row> rows = new ArrayList<>(usable);
        rows.addAll(foreign);
        new LeaveOneOut(signatures, recipe)
                .write(rows, all.subList(0, given), out.resolve("linear-loso.tsv"));
        try (DataOutputStream file =
                new DataOutputStream(
                        new BufferedOutputStream(
                                Files.newOutputStream(out.resolve("linear.bin"))))) {
            new Learner(signatures, recipe).learn(rows).full().quantised().write(file);
        }
    }

    private void model() throws IOException {
        List<Judgement> judged =
                LeaveOneOut.read(
                        all, out.resolve("linear-loso.tsv"), out.resolve("encoder-loso.tsv"));
        Blend[] blends = Blending.all(judged);
        Linear linear;
        Encoder encoder;
        try (DataInputStream first = open("linear.bin");
                DataInputStream second = open("encoder.bin")) {
            linear = Linear.read(first, Dense.count(signatures));
            encoder = Encoder.read(second);
        }
        byte[] bytes = new ModelFile(provenance(), linear, encoder, blends).encode();
        Files.write(out.resolve("guard-model.bin"), bytes);
        Files.writeString(out.resolve("guard-model.sha256"), Hashes.sha256(bytes).hex() + "\n");
        Files.writeString(out.resolve("figures.md"), figures(judged, blends));
    }

    private DataInputStream open(String name) throws IOException {
        return new DataInputStream(
                new BufferedInputStream(Files.newInputStream(out.resolve(name))));
    }

    private String figures(List<Judgement> judged, Blend[] blends) {
        StringBuilder text = new StringBuilder();
        text.append("| ranked by | AUC | recall @ 1 % | recall @ 5 % |\n|---|---|---|---|\n");
        double[] scores = Blending.scores(judged);
        rank(text, "n-grams alone (baseline)", judged, i -> judged.get(i).plain());
        rank(text, "linear", judged, i -> sum(judged.get(i), 0));
        rank(text, "encoder", judged, i -> sum(judged.get(i), 2));
        rank(text, "both: what ships", judged, i -> scores[i]);
        text.append(
                String.format(
                        Locale.ROOT,
                        "%nencoder asked: %.3f of harmless texts, %.3f of attacks%n%n",
                        Blending.asked(blends[0], judged, j -> !j.row().attack()),
                        Blending.asked(blends[0], judged, j -> j.row().attack())));
        Folds folds = Folds.shipped();
        List<Measured> rows = new ArrayList<>();
        for (int i = 0; i < scores.length; i++) {
            Row row = judged.get(i).row();
            Row named =
                    new Row(
                            "",
                            row.attack(),
                            folds.group(row),
                            row.category(),
                            row.lang(),
                            row.channel());
            rows.add(new Measured(named, scores[i]));
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
