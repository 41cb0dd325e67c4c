package atlas.bench;

import atlas.core.Glob;
import atlas.core.Principal;
import atlas.core.Role;
import atlas.core.Sensitive;
import atlas.identity.ApiKeys;
import atlas.identity.Authentication;
import atlas.identity.Authenticator;
import atlas.identity.CertificateAuthority;
import atlas.identity.JwtIssuers;
import atlas.identity.MemoryApiKeyStore;
import atlas.identity.Presented;
import atlas.identity.WorkloadTrust;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.CRC32;

/**
 * Whether the time of a refusal tells anything about a key: a statistical test in the manner of
 * dudect (Reparaz, Balasch, Verbauwhede, 2017). Two kinds of wrong keys are checked in random
 * order; Welch's t over the times tells the kinds apart when it exceeds 10 in either direction, as
 * dudect judges, or twice what the same keys show against themselves on this machine.
 *
 * <p>The compare is judged by a secret wrong in its first character against one wrong in its last.
 * The same keys twice show what the machine's noise comes to; a mistyped key, which costs no
 * look-up and no hash, shows that the test can find what there is to find. Whether an id exists is
 * measured too, and reported: a hit and a miss of a hash table are some nanoseconds apart, and ids
 * are public.
 */
public final class KeyTiming {
    private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";
    private static final double THRESHOLD = 10;
    private static final int KEYS = 512;

    private final Authenticator authenticator;
    private final Random random;
    private final int samples;
    private double threshold = THRESHOLD;

    private KeyTiming(Authenticator authenticator, Random random, int samples) {
        this.authenticator = authenticator;
        this.random = random;
        this.samples = samples;
    }

    /** One kind against another: many presented keys of each, so that none is special. */
    private record Pair(String name, List<byte[]> one, List<byte[]> two, Must must) {}

    /** What is expected of a pair. */
    private enum Must {
        /** Sets the measure: what is alike differs by this much on this machine now. */
        BE_NOISE,
        BE_ALIKE,
        DIFFER,
        BE_KNOWN
    }

    /**
     * Exits 0 when every pair is as it must be, 1 when not.
     *
     * @param args how many samples to take of each pair; two million unless said
     */
    public static void main(String[] args) {
        int samples = args.length > 0 ? Integer.parseInt(args[0]) : 2_000_000;
        long seed = new SecureRandom().nextLong();
        Clock clock = Clock.systemUTC();
        ApiKeys keys = new ApiKeys(new MemoryApiKeyStore(), Sensitive.of(pepper()), clock);
        CertificateAuthority authority = CertificateAuthority.create("bench", clock);
        boolean holds = true;
        try (JwtIssuers issuers =
                new JwtIssuers(
                        List.of(),
                        _ -> {
                            throw new IOException("no issuer is configured");
                        },
                        clock)) {
            WorkloadTrust workloads =
                    new WorkloadTrust(List.of(authority.root()), "bench", List.of(), clock);
            Authenticator authenticator = new Authenticator(keys, issuers, workloads, clock);
            KeyTiming timing = new KeyTiming(authenticator, new Random(seed), samples);
            say("seed %d, %d samples of each pair".formatted(seed, samples));
            for (Pair pair : pairs(keys)) {
                holds &= timing.test(pair);
            }
        }
        System.exit(holds ? 0 : 1);
    }

    private static List<Pair> pairs(ApiKeys keys) {
        List<String> texts = Stream.generate(() -> issue(keys)).limit(KEYS).toList();
        List<String> elsewhere =
                Stream.generate(() ->
                                issue(
                                        new ApiKeys(
                                                new MemoryApiKeyStore(),
                                                Sensitive.of(pepper()),
                                                Clock.systemUTC())))
                        .limit(KEYS)
                        .toList();
        List<byte[]> first = texts.stream().map(t -> wrongAt(t, 23)).toList();
        List<byte[]> again = texts.stream().map(t -> wrongAt(t, 23)).toList();
        List<byte[]> last = texts.stream().map(t -> wrongAt(t, 74)).toList();
        List<byte[]> unknown = elsewhere.stream().map(KeyTiming::bytes).toList();
        List<byte[]> mistyped =
                texts.stream()
                        .map(t -> bytes(t.substring(0, 81) + (t.endsWith("a") ? "b" : "a")))
                        .toList();
        return List.of(
                new Pair("the same keys twice", first, again, Must.BE_NOISE),
                new Pair("secret wrong at its first | last character", first, last, Must.BE_ALIKE),
                new Pair("id known, secret wrong | id unknown", first, unknown, Must.BE_KNOWN),
                new Pair("secret wrong | mistyped (control)", first, mistyped, Must.DIFFER));
    }

    private boolean test(Pair pair) {
        measure(pair, Math.min(samples, 200_000));
        long[][] times = measure(pair, samples);
        // The machine's own noise lies in the longest times: dudect crops at several percentiles.
        double worst = 0;
        for (double percentile : new double[] {0.5, 0.75, 0.9, 0.95, 0.99}) {
            long crop = percentile(times, percentile);
            double t = welch(below(times[0], crop), below(times[1], crop));
            worst = Math.abs(t) > Math.abs(worst) ? t : worst;
        }
        if (pair.must == Must.BE_NOISE) {
            threshold = Math.max(THRESHOLD, 2 * Math.abs(worst));
        }
        boolean differs = Math.abs(worst) > threshold;
        boolean fine =
                switch (pair.must) {
                    case BE_ALIKE -> !differs;
                    case DIFFER -> differs;
                    case BE_KNOWN, BE_NOISE -> true;
                };
        say(
                "%-46s median %d | %d ns, largest t %+.2f: %s%s"
                        .formatted(
                                pair.name,
                                median(times[0]),
                                median(times[1]),
                                worst,
                                differs ? "told apart" : "not told apart",
                                fine ? "" : "  <-- NOT AS IT MUST BE"));
        return fine;
    }

    private long[][] measure(Pair pair, int count) {
        long[][] times = {new long[count], new long[count]};
        int[] filled = new int[2];
        byte[] arrived = new byte[pair.one.getFirst().length];
        while (filled[0] < count || filled[1] < count) {
            int kind = random.nextInt(2);
            if (filled[kind] == count) {
                kind = 1 - kind;
            }
            List<byte[]> from = kind == 0 ? pair.one : pair.two;
            // Made anew as from a connection: where a key lies in memory must tell nothing.
            byte[] bytes = from.get(random.nextInt(KEYS));
            System.arraycopy(bytes, 0, arrived, 0, bytes.length);
            Presented key = presented(arrived);
            long before = System.nanoTime();
            Authentication outcome = authenticator.authenticate(key);
            long after = System.nanoTime();
            if (!(outcome instanceof Authentication.Rejected)) {
                throw new IllegalStateException("not refused: " + outcome);
            }
            times[kind][filled[kind]++] = after - before;
        }
        return times;
    }

    private static double welch(double[] one, double[] two) {
        double[] a = moments(one);
        double[] b = moments(two);
        double error = Math.sqrt(a[1] / one.length + b[1] / two.length);
        return error == 0 ? 0 : (a[0] - b[0]) / error;
    }

    private static double[] moments(double[] values) {
        double mean = Arrays.stream(values).average().orElse(0);
        double squares = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
        return new double[] {mean, squares / Math.max(1, values.length - 1)};
    }

    private static double[] below(long[] times, long crop) {
        return Arrays.stream(times).filter(t -> t <= crop).asDoubleStream().toArray();
    }

    private static long percentile(long[][] times, double of) {
        long[] all = Arrays.copyOf(times[0], times[0].length + times[1].length);
        System.arraycopy(times[1], 0, all, times[0].length, times[1].length);
        Arrays.sort(all);
        return all[(int) (of * (all.length - 1))];
    }

    private static long median(long[] times) {
        long[] sorted = times.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    /** The key with one character changed and a checksum that fits. */
    private static byte[] wrongAt(String text, int at) {
        int now = ALPHABET.indexOf(text.charAt(at));
        String body =
                text.substring(0, at)
                        + ALPHABET.charAt((now + 1) % ALPHABET.length())
                        + text.substring(at + 1, 75);
        return bytes(body + checksum(body));
    }

    private static String checksum(String body) {
        CRC32 crc = new CRC32();
        crc.update(body.getBytes(StandardCharsets.US_ASCII));
        StringBuilder out = new StringBuilder();
        for (int shift = 30; shift >= 0; shift -= 5) {
            out.append(ALPHABET.charAt((int) (crc.getValue() >>> shift) & 31));
        }
        return out.toString();
    }

    private static byte[] bytes(String key) {
        return key.getBytes(StandardCharsets.US_ASCII);
    }

    private static Presented presented(byte[] key) {
        return Presented.bearer(Sensitive.of(new String(key, StandardCharsets.US_ASCII)));
    }

    private static String issue(ApiKeys keys) {
        return keys.issue(
                        new ApiKeys.KeyRequest(
                                "ada",
                                Principal.Kind.HUMAN,
                                Principal.DEFAULT_TENANT,
                                Set.of(Role.CONSUMER),
                                List.of(new Glob("*")),
                                Duration.ofDays(1),
                                ""))
                .secret()
                .reveal();
    }

    private static byte[] pepper() {
        byte[] pepper = new byte[32];
        new SecureRandom().nextBytes(pepper);
        return pepper;
    }

    private static void say(String line) {
        IO.println(line);
    }
}
