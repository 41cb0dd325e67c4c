package atlas.node.trainer;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * Trains the demo language model. From the repository root:
 *
 * <pre>{@code
 * java --add-modules jdk.incubator.vector \
 *     node/src/test/java/atlas/node/trainer/TrainLanguageModel.java [steps] [directory]
 * }</pre>
 *
 * One thread, fixed seeds, steps instead of seconds: meant to give the same bytes every time.
 */
final class TrainLanguageModel {
    static final int VOCABULARY = 2048;
    static final long CORPUS_SEED = 20261123;
    static final int CONVERSATIONS = 14_000;
    private static final int LENGTH = 256;
    private static final int SEQUENCES = 8;
    private static final Shape SHAPE =
            new Shape(VOCABULARY, 192, 4, 6, 2, 512, 1024, LENGTH * SEQUENCES, LENGTH);

    /** An encoded conversation; answers count fully, everything else a tenth. */
    private record Document(int[] ids, float[] weights) {}

    private final PrintStream log;
    private final Random order = new Random(11);
    private final List<Document> documents = new ArrayList<>();
    private int next;

    private TrainLanguageModel(PrintStream log) {
        this.log = log;
    }

    public static void main(String[] args) throws IOException {
        int steps = args.length > 0 ? Integer.parseInt(args[0]) : 900;
        Path out = Path.of(args.length > 1 ? args[1] : "models/atlas-demo");
        java.nio.file.Files.createDirectories(out);
        Path file = out.resolve("training.txt");
        try (PrintStream log = new PrintStream(file.toFile(), StandardCharsets.UTF_8)) {
            new TrainLanguageModel(log).train(steps, out);
        }
    }

    static Bpe tokenizer(List<String> conversations) {
        return Bpe.learn(conversations.subList(0, 3000), VOCABULARY);
    }

    private void train(int steps, Path out) throws IOException {
        Corpus corpus = Corpus.read(Path.of("models/corpus"), CORPUS_SEED);
        List<String> conversations = corpus.conversations(CONVERSATIONS);
        Bpe bpe = tokenizer(conversations);
        conversations.forEach(text -> documents.add(encode(text, bpe)));
        Collections.shuffle(documents, order);
        Transformer model = new Transformer(SHAPE, 7);
        say("%d conversations, %d merges", documents.size(), bpe.merges.size());
        LanguageLoss loss = new LanguageLoss(model);
        Adam adam = new Adam(model.parameters(), 3e-3f, 60, steps);
        double mean = -1;
        for (int step = 1; step <= steps; step++) {
            double now = loss.apply(batch(), true);
            adam.update(step);
            mean = mean < 0 ? now : .95 * mean + .05 * now;
            if (step % 50 == 0 || step == steps || step == 1) {
                say("step %d loss %.4f", step, mean);
            }
        }
        say("held-out loss %.4f", heldOut(corpus, bpe, loss));
        byte[] bytes = ModelFile.bytes("atlas-demo", model, bpe, false);
        String digest = ModelFile.write(out.resolve("atlas-demo-q8_0.gguf"), bytes);
        say("%d bytes sha256 %s", bytes.length, digest);
    }

    private void say(String format, Object... values) {
        log.printf(Locale.ROOT, format + "%n", values);
        log.flush();
    }

    private static Document encode(String text, Bpe bpe) {
        List<Integer> ids = new ArrayList<>();
        List<Float> weights = new ArrayList<>();
        for (String message : text.split("(?<=<\\|im_end\\|>\n)")) {
            int start = ids.size();
            bpe.encode(message, ids);
            boolean answer = message.startsWith("<|im_start|>assistant");
            // The three header tokens and the line break after the end are form, not answer.
            for (int i = start; i < ids.size(); i++) {
                weights.add(answer && i >= start + 3 && i < ids.size() - 1 ? 1f : .1f);
            }
        }
        ids.add(0);
        weights.add(.1f);
        float[] w = new float[weights.size()];
        for (int i = 0; i < w.length; i++) {
            w[i] = weights.get(i);
        }
        return new Document(ids.stream().mapToInt(Integer::intValue).toArray(), w);
    }

    private LanguageLoss.Batch batch() {
        Shape.Span span = new Shape.Span(SEQUENCES, LENGTH);
        int[] ids = new int[span.tokens()];
        int[] targets = new int[ids.length];
        float[] weights = new float[ids.length];
        for (int s = 0; s < SEQUENCES; s++) {
            int at = s * LENGTH;
            int end = at + LENGTH;
            while (at < end) {
                at += fill(nextDocument(), ids, targets, weights, at, end);
            }
        }
        return new LanguageLoss.Batch(ids, targets, weights, span);
    }

    private static int fill(
            Document d, int[] ids, int[] targets, float[] weights, int at, int end) {
        int count = Math.min(d.ids().length - 1, end - at);
        System.arraycopy(d.ids(), 0, ids, at, count);
        System.arraycopy(d.ids(), 1, targets, at, count);
        System.arraycopy(d.weights(), 1, weights, at, count);
        return count;
    }

    private Document nextDocument() {
        if (next == documents.size()) {
            next = 0;
            Collections.shuffle(documents, order);
        }
        return documents.get(next++);
    }

    private double heldOut(Corpus corpus, Bpe bpe, LanguageLoss loss) {
        documents.clear();
        next = 0;
        corpus.heldOut().forEach(text -> documents.add(encode(text, bpe)));
        return loss.apply(batch(), false);
    }
}
