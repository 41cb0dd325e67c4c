package atlas.watch.behaviour;

import java.util.Optional;

/**
 * Many times more requests than usual for this principal and this time of day, as evenly as a
 * program sends them. Bursts of ordinary use come in lumps, which is what tells them apart.
 */
final class VolumeRule implements Rule {
    private static final long SETTLED = 48 * 3600;
    private static final long LEARNING = 26 * 3600;
    private static final double OWN = 1.3;
    private static final double FADE = 0.999;
    private static final int FEWEST = 20;
    private static final double FLOOR = 5;
    // By how many buckets of five minutes it has lasted.
    private static final double[] RATIO = {0, 0, 99, 7.5, 5.2, 4.3, 3.6};
    private static final double[] LUMPS = {0, 0, 0, 1.2, 1.6, 2.2, 2.6};

    @Override
    public String name() {
        return "volume_spike";
    }

    @Override
    public boolean learned() {
        return true;
    }

    @Override
    public boolean rhythmic() {
        return true;
    }

    @Override
    public Optional<Sign> judge(Activity act, Profile profile) {
        Rhythm rhythm = profile.rhythm;
        if (!act.inference() || rhythm.recent(0) > 0) {
            return Optional.empty();
        }
        double most = 0;
        int lasted = 0;
        for (int length = 3; length <= Rhythm.WINDOW; length++) {
            double score = score(rhythm, length);
            if (score > most) {
                most = score;
                lasted = length;
            }
        }
        // Whoever is often this busy has a limit of its own.
        double limit = Math.max(1, OWN * profile.volumePeak);
        if (profile.age(act) >= LEARNING && !profile.suspect(act)) {
            profile.volumePeak = Math.max(most, FADE * profile.volumePeak);
        }
        if (profile.age(act) < SETTLED || most < limit) {
            return Optional.empty();
        }
        rhythm.abnormal();
        return Optional.of(sign(rhythm, lasted, most / limit, profile));
    }

    /** How far beyond the limit; 0 where it comes in lumps or is little. */
    private static double score(Rhythm rhythm, int lasted) {
        int sum = 0;
        long squares = 0;
        for (int back = 1; back <= lasted; back++) {
            int count = rhythm.recent(back);
            sum += count;
            squares += (long) count * count;
        }
        if (sum < FEWEST) {
            return 0;
        }
        double mean = sum / (double) lasted;
        double lumps = (squares / (double) lasted - mean * mean) * lasted / (lasted - 1) / mean;
        double peak = rhythm.peak() * lasted / Rhythm.WINDOW;
        return lumps > LUMPS[lasted] || sum < peak
                ? 0
                : sum / (rhythm.expected() * lasted + FLOOR) / RATIO[lasted];
    }

    private static Sign sign(Rhythm rhythm, int lasted, double score, Profile profile) {
        int sum = 0;
        for (int back = 1; back <= lasted; back++) {
            sum += rhythm.recent(back);
        }
        return new Sign(
                "high",
                (rhythm.second() - (lasted - 1) * Rhythm.BUCKET) * 1000,
                score,
                "%d requests within %dmin; usual at this time is up to %.0f"
                        .formatted(
                                sum,
                                lasted * Rhythm.BUCKET / 60,
                                Math.ceil(rhythm.expected() * lasted)),
                profile.evidence());
    }
}
