package atlas.watch.behaviour;

import java.util.Optional;

/** Answers of one length at a steady pace, for long: a model is being copied, answer by answer. */
final class ExtractionRule implements Rule {
    private static final long SETTLED = 24 * 3600;
    private static final int STEADY = 6;
    private static final int STEADY_COMMON = 16;
    private static final double COMMON = 0.05;
    private static final double SLOWEST = 900;
    private static final double FASTEST = 2;

    @Override
    public String name() {
        return "extraction_slow";
    }

    @Override
    public Optional<Sign> judge(Activity act, Profile profile) {
        if (!act.inference() || act.denied() || act.operation().equals("embeddings")) {
            return Optional.empty();
        }
        long length = act.outputTokens();
        long second = act.when().getEpochSecond();
        int steady = profile.pulse.note(length, second);
        int limit = profile.outputs.share(length) > COMMON ? STEADY_COMMON : STEADY;
        if (steady < limit) {
            return Optional.empty();
        }
        int key = Long.hashCode(length);
        double gap = profile.pulse.gap(length);
        if (profile.age(act) < SETTLED) {
            // What it does from its first day is its job.
            profile.steady.see(key, second);
            return Optional.empty();
        }
        if (profile.steady.has(key) || gap > SLOWEST || gap < FASTEST) {
            return Optional.empty();
        }
        return Optional.of(
                new Sign(
                        "high",
                        profile.pulse.start(length) * 1000,
                        steady / (double) limit,
                        "%d answers of exactly %d tokens, one every %.0fs"
                                .formatted(steady + 1, length, gap),
                        profile.evidence()));
    }
}
