package atlas.watch.behaviour;

import java.util.Optional;

/** A principal at work at a time of day at which it never was. */
final class OffHoursRule implements Rule {
    private static final long SETTLED = 48 * 3600;
    private static final long DORMANT = 24 * 3600;
    private static final double ASLEEP = 2;
    private static final double TIMES = 6;
    private static final double REGULAR = 0.75;
    private static final double LUMPS = 2;
    private static final int FEWEST = 8;
    private static final int MOST = 30;

    @Override
    public String name() {
        return "off_hours";
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
        if (!act.inference()
                || profile.age(act) < SETTLED
                || (rhythm.regularity() < REGULAR && rhythm.silence() < DORMANT)
                || rhythm.seasonalNear() * Rhythm.WINDOW > ASLEEP) {
            return Optional.empty();
        }
        int sum = 1;
        int busy = 1;
        int oldest = 0;
        long squares = 0;
        for (int back = 0; back <= Rhythm.WINDOW; back++) {
            if (rhythm.recent(back) > 0) {
                sum += rhythm.recent(back);
                squares += (long) rhythm.recent(back) * rhythm.recent(back);
                busy++;
                oldest = back;
            }
        }
        double usual = rhythm.seasonalNear() * Rhythm.WINDOW;
        if (sum < FEWEST + TIMES * usual || busy < 4 || sum > MOST) {
            return Optional.empty();
        }
        // A program that begins is not somebody at work: that is for the rule about volume.
        double mean = sum / (oldest + 1.0);
        if ((squares / (oldest + 1.0) - mean * mean) / mean > LUMPS) {
            return Optional.empty();
        }
        return Optional.of(
                new Sign(
                        "medium",
                        (rhythm.second() - (oldest - 1) * Rhythm.BUCKET) * 1000,
                        sum / (double) FEWEST,
                        "%d requests within half an hour at a time of day at which it hardly ever works"
                                .formatted(sum),
                        profile.evidence()));
    }
}
