package atlas.guard.measure;

import java.util.Arrays;
import java.util.Locale;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * A figure, and between what it lay in 95 of 100 samples drawn again from the same rows. Seeded, so
 * that the same rows give the same interval. {@code NaN} where there was nothing to measure.
 */
public record Interval(double value, double low, double high) {
    /** A figure nobody could measure. */
    public static final Interval NONE = new Interval(Double.NaN, Double.NaN, Double.NaN);

    private static final int SAMPLES = 200;
    private static final long SEED = 20261127;

    /** The mean of some parts of a figure, each of them drawn again. */
    static Interval mean(double[] parts) {
        if (parts.length == 0) {
            return NONE;
        }
        RandomGenerator random = random();
        double[] samples = new double[SAMPLES];
        for (int s = 0; s < SAMPLES; s++) {
            double sum = 0;
            for (int i = 0; i < parts.length; i++) {
                sum += parts[random.nextInt(parts.length)];
            }
            samples[s] = sum / parts.length;
        }
        return of(Arrays.stream(parts).sum() / parts.length, samples);
    }

    /** The share of attacks found where this share of harmless texts is taken for attacks. */
    static Interval recallAt(double falseAlarms, double[] harmless, double[] attacks) {
        if (harmless.length == 0 || attacks.length == 0) {
            return NONE;
        }
        RandomGenerator random = random();
        double[] samples = new double[SAMPLES];
        for (int s = 0; s < SAMPLES; s++) {
            double threshold = Metrics.threshold(drawn(harmless, random), falseAlarms);
            samples[s] = share(drawn(attacks, random), threshold);
        }
        return of(share(attacks, Metrics.threshold(harmless, falseAlarms)), samples);
    }

    private static Interval of(double value, double[] samples) {
        Arrays.sort(samples);
        int cut = samples.length / 40;
        return new Interval(value, samples[cut], samples[samples.length - 1 - cut]);
    }

    private static double share(double[] scores, double threshold) {
        return Arrays.stream(scores).filter(s -> s >= threshold).count() / (double) scores.length;
    }

    private static double[] drawn(double[] from, RandomGenerator random) {
        double[] drawn = new double[from.length];
        for (int i = 0; i < drawn.length; i++) {
            drawn[i] = from[random.nextInt(from.length)];
        }
        return drawn;
    }

    private static RandomGenerator random() {
        return RandomGeneratorFactory.of("L64X128MixRandom").create(SEED);
    }

    /** Whether there was anything to measure. */
    public boolean measured() {
        return !Double.isNaN(value);
    }

    @Override
    public String toString() {
        return measured() ? String.format(Locale.ROOT, "%.3f (%.3f–%.3f)", value, low, high) : "–";
    }
}
