package atlas.watch.behaviour;

import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/**
 * Prompts or answers several times larger than this principal's, one after the other. One that is
 * large now and then is ordinary; so is use that doubles for good.
 */
final class SizeRule implements Rule {
    private static final int SAMPLES = 200;
    private static final double TIMES = 4;
    private static final double LIMIT = 13;
    private static final int FEWEST = 4;

    private final String name;
    private final String what;
    private final ToLongFunction<Activity> size;
    private final Function<Profile, Sizes> sizes;
    private final Function<Profile, Drift> drifts;

    private SizeRule(
            String name,
            String what,
            ToLongFunction<Activity> size,
            Function<Profile, Sizes> sizes,
            Function<Profile, Drift> drifts) {
        this.name = name;
        this.what = what;
        this.size = size;
        this.sizes = sizes;
        this.drifts = drifts;
    }

    static SizeRule answers() {
        return new SizeRule(
                "token_spike", "answers", Activity::outputTokens, p -> p.outputs, p -> p.answers);
    }

    static SizeRule prompts() {
        return new SizeRule(
                "prompt_spike", "prompts", Activity::inputTokens, p -> p.inputs, p -> p.prompts);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public boolean learned() {
        return true;
    }

    @Override
    public Optional<Sign> judge(Activity act, Profile profile) {
        Sizes usual = sizes.apply(profile);
        if (!act.inference()
                || act.denied()
                || act.operation().equals("embeddings")
                || usual.total() < SAMPLES) {
            return Optional.empty();
        }
        long tokens = size.applyAsLong(act);
        double middle = usual.quantile(0.5);
        Drift drift = drifts.apply(profile);
        drift.note(
                usual.shareFrom(tokens / Sizes.STEP),
                tokens >= TIMES * Math.max(1, middle),
                act.when().getEpochSecond());
        if (drift.sum() < LIMIT || drift.large() < FEWEST) {
            return Optional.empty();
        }
        Sign sign =
                new Sign(
                        "high",
                        drift.since() * 1000,
                        drift.sum() / LIMIT,
                        "%d %s far larger than usual, the last of %d tokens; half have up to %.0f, 99 of 100 up to %.0f"
                                .formatted(
                                        drift.large(), what, tokens, middle, usual.quantile(0.99)),
                        profile.evidence());
        drift.clear();
        return Optional.of(sign);
    }
}
