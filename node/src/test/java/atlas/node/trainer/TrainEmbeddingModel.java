package atlas.node.trainer;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * Trains the demo embedding model on pairs of texts about one topic. From the repository root:
 *
 * <pre>{@code
 * java --add-modules jdk.incubator.vector \
 *     node/src/test/java/atlas/node/trainer/TrainEmbeddingModel.java [steps] [directory]
 * }</pre>
 *
 * The same bytes every time, as with {@link TrainLanguageModel}, whose tokenizer it shares.
 */
final class TrainEmbeddingModel {
    private static final int LENGTH = 64;
    private static final int TEXTS = 96;

    private final PrintStream log;
    private final Corpus corpus;
    private final Bpe bpe;
    private final Random random = new Random(3);

    private TrainEmbeddingModel(PrintStream log, Corpus corpus, Bpe bpe) {
        this.log = log;
        this.corpus = corpus;
        this.bpe = bpe;
    }

    public static void main(String[] args) throws IOException {
        int steps = args.length > 0 ? Integer.parseInt(args[0]) : 600;
        Path out = Path.of(args.length > 1 ? args[1] : "models/atlas-embed");
        Files.createDirectories(out);
        Path file = out.resolve("training.txt");
        Corpus corpus = Corpus.read(Path.of("models/corpus"), TrainLanguageModel.CORPUS_SEED);
        List<String> conversations = corpus.conversations(TrainLanguageModel.CONVERSATIONS);
        Bpe bpe = TrainLanguageModel.tokenizer(conversations);
        try (PrintStream log = new PrintStream(file.toFile(), StandardCharsets.UTF_8)) {
            new TrainEmbeddingModel(log, corpus, bpe).train(steps, out);
        }
    }

    private void train(int steps, Path out) throws IOException {
        Shape shape =
                new Shape(
                        TrainLanguageModel.VOCABULARY,
                        192,
                        2,
                        6,
                        2,
                        512,
                        512,
                        LENGTH * TEXTS,
                        LENGTH);
        Transformer model = new Transformer(shape, 7);
        ContrastiveLoss loss = new ContrastiveLoss(model);
        Adam adam = new Adam(model.parameters(), 1.5e-3f, 40, steps);
        for (int step = 1; step <= steps; step++) {
            double now = loss.learn(batch());
            adam.update(step);
            if (step % 50 == 0 || step == 1 || step == steps) {
                say("step %d loss %.3f", step, now);
            }
        }
        say("held-out question to answer, recall at 1: %.3f", recall(loss, this::heldOut));
        say("unseen phrase to answer, recall at 1: %.3f", recall(loss, this::unseen));
        byte[] bytes = ModelFile.bytes("atlas-embed", model, bpe, true);
        String digest = ModelFile.write(out.resolve("atlas-embed-q8_0.gguf"), bytes);
        say("%d bytes sha256 %s", bytes.length, digest);
    }

    private void say(String format, Object... values) {
        log.printf(Locale.ROOT, format + "%n", values);
        log.flush();
    }

    private List<int[]> batch() {
        List<Corpus.Topic> topics = new ArrayList<>(corpus.topics);
        Collections.shuffle(topics, random);
        List<int[]> texts = new ArrayList<>();
        for (int half = 0; half < 2; half++) {
            topics.forEach(topic -> texts.add(encode(text(topic))));
        }
        return texts;
    }

    private int[] encode(String text) {
        List<Integer> ids = new ArrayList<>();
        bpe.encode(text, ids);
        return ids.stream().mapToInt(Integer::intValue).toArray();
    }

    /** One of the many ways to speak of a topic. */
    private String text(Corpus.Topic topic) {
        String name =
                random.nextBoolean()
                        ? topic.name()
                        : topic.aliases().get(random.nextInt(topic.aliases().size()));
        return switch (random.nextInt(10)) {
            case 0, 1 -> carried(name);
            case 2, 3, 4 -> {
                String ask = List.of("ask-what", "ask-why", "ask-how").get(random.nextInt(3));
                yield corpus.pick(ask).replace("{t}", name);
            }
            case 5 -> name;
            default -> answer(topic);
        };
    }

    /** The name among filler words, so that only the name can carry the meaning. */
    private String carried(String name) {
        List<String> words = new ArrayList<>();
        int count = random.nextInt(7);
        for (int i = 0; i < count; i++) {
            words.add(corpus.pick("carrier"));
        }
        words.add(random.nextInt(count + 1), name);
        return String.join(" ", words);
    }

    private String answer(Corpus.Topic topic) {
        String answer = topic.answers().get(random.nextInt(3));
        String[] sentences = answer.split("(?<=[.!?]) ");
        return random.nextBoolean() ? answer : sentences[random.nextInt(sentences.length)];
    }

    private String heldOut(Corpus.Topic topic) {
        return corpus.section("held-out").get(0).replace("{t}", topic.name());
    }

    private String unseen(Corpus.Topic topic) {
        return "I want to read something on " + topic.aliases().getFirst();
    }

    private double recall(
            ContrastiveLoss loss, java.util.function.Function<Corpus.Topic, String> ask) {
        float[][] answers = loss.embed(corpus.topics.stream().map(t -> encode(t.what())).toList());
        float[][] questions =
                loss.embed(corpus.topics.stream().map(t -> encode(ask.apply(t))).toList());
        int right = 0;
        for (int i = 0; i < questions.length; i++) {
            int best = 0;
            for (int j = 1; j < answers.length; j++) {
                if (ContrastiveLoss.dot(questions[i], answers[j])
                        > ContrastiveLoss.dot(questions[i], answers[best])) {
                    best = j;
                }
            }
            right += best == i ? 1 : 0;
        }
        return right / (double) questions.length;
    }
}
