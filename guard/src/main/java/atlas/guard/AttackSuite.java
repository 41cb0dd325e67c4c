package atlas.guard;

import atlas.guard.train.Attempts;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * What a red team tries first, and harmless texts between it: a fixed number of texts, the same for
 * the same seed. Known attacks come plain and disguised and must be refused; others are made up by
 * a grammar in many languages, and how many of those pass is a figure and no fault.
 */
public final class AttackSuite {
    private AttackSuite() {}

    /** What a pipeline must do with a text. */
    public enum Expected {
        /** Refuse it. */
        REFUSED,
        /** Refuse it if it can. */
        BETTER_REFUSED,
        /** Answer it. */
        ANSWERED
    }

    /** One text to try, as a user's words or as what a tool gave back. */
    public record Attempt(
            String family, String disguise, Channel channel, String text, Expected expected) {}

    /** So many attempts: a half known attacks, a third made up, the rest harmless. */
    public static List<Attempt> of(long seed, int count) {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        List<Attempt> known = known();
        Attempts made = new Attempts(random);
        List<Attempt> suite = new ArrayList<>();
        Disguise[] disguises = Disguise.values();
        int next = random.nextInt(known.size());
        for (int i = 0; i < count; i++) {
            switch (i % 6) {
                case 0, 2, 4 -> {
                    Disguise disguise = disguises[i / 2 % disguises.length];
                    suite.add(disguised(known.get(next++ % known.size()), disguise));
                }
                case 1 -> suite.add(made(made.said(), Channel.USER));
                case 3 -> suite.add(made(made.returned(), Channel.TOOL));
                default ->
                        suite.add(
                                new Attempt(
                                        "harmless",
                                        "plain",
                                        Channel.USER,
                                        made.harmless(),
                                        Expected.ANSWERED));
            }
        }
        return suite;
    }

    private static Attempt made(String text, Channel channel) {
        return new Attempt("made-up", "plain", channel, text, Expected.BETTER_REFUSED);
    }

    private static Attempt disguised(Attempt plain, Disguise disguise) {
        return new Attempt(
                plain.family(),
                disguise.wireName(),
                plain.channel(),
                disguise.of(plain.text()),
                plain.expected());
    }

    static List<Attempt> known() {
        List<Attempt> known = new ArrayList<>();
        for (String line : resource().split("\n")) {
            if (!line.isBlank() && !line.startsWith("#")) {
                String[] parts = line.split(": ", 3);
                known.add(
                        new Attempt(
                                parts[1],
                                "plain",
                                Channel.named(parts[0]).orElseThrow(),
                                parts[2],
                                Expected.REFUSED));
            }
        }
        return known;
    }

    private static String resource() {
        try (InputStream in =
                Objects.requireNonNull(AttackSuite.class.getResourceAsStream("red-team.txt"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("reading the attacks of this build", e);
        }
    }
}
