package atlas.watch;

import atlas.core.AuditEvent;
import atlas.core.AuditEvent.InferenceOutcome;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Far more tokens in a minute than usual for this principal: a stolen key being spent, or a loop.
 *
 * <p>Per principal, the logarithm of tokens per active minute is followed by an exponentially
 * weighted mean and mean absolute deviation. What is far out moves them only a little, so an attack
 * does not become the usual by itself. Until enough minutes were seen it says nothing: a key stolen
 * on its first day is for budgets to bound.
 */
final class TokenSpikeDetector implements Detector {
    static final String RULE = "token_spike";

    private static final double WEIGHT = 0.02;
    private static final double LEAST_DEVIATION = 0.25;
    // Mean absolute deviation to standard deviation of a normal distribution.
    private static final double TO_SIGMA = 1.2533;
    private static final int EVIDENCE = 16;

    private final WatchConfig.TokenSpike config;
    private final Recent<String, Usual> principals;

    TokenSpikeDetector(WatchConfig.TokenSpike config, int subjects) {
        this.config = config;
        this.principals = new Recent<>(subjects);
    }

    private static final class Usual {
        long minute = Long.MIN_VALUE;
        long tokens;
        boolean told;
        int minutes;
        double mean;
        double deviation = 1;
        final List<Long> evidence = new ArrayList<>(2);

        void turnTo(long next) {
            if (minute != Long.MIN_VALUE) {
                learn(Math.log1p(tokens));
            }
            minute = next;
            tokens = 0;
            told = false;
            evidence.clear();
        }

        void learn(double value) {
            if (minutes == 0) {
                mean = value;
            } else {
                double weight = Math.max(WEIGHT, 1.0 / (minutes + 1));
                // A minute that was called abnormal teaches least: it is not to become usual soon.
                double bound = (told ? 1 : 3) * spread();
                double step = Math.clamp(value - mean, -bound, bound);
                mean += weight * step;
                deviation += weight * (Math.abs(step) - deviation);
            }
            minutes++;
        }

        double spread() {
            return Math.max(deviation, LEAST_DEVIATION);
        }
    }

    @Override
    public Optional<Signal> observe(long index, AuditEvent event, Instant when) {
        if (!(event instanceof InferenceOutcome outcome)) {
            return Optional.empty();
        }
        String principal = outcome.actor().principal();
        Usual usual = principals.computeIfAbsent(principal, _ -> new Usual());
        long minute = Math.floorDiv(when.getEpochSecond(), 60);
        if (minute > usual.minute) {
            usual.turnTo(minute);
        }
        usual.tokens += Math.max(0, outcome.inputTokens()) + Math.max(0, outcome.outputTokens());
        if (usual.evidence.size() == EVIDENCE) {
            usual.evidence.removeFirst();
        }
        usual.evidence.add(index);
        return usual.told ? Optional.empty() : judge(principal, usual);
    }

    private Optional<Signal> judge(String principal, Usual usual) {
        if (usual.minutes < config.warmUpMinutes() || usual.tokens < config.floor()) {
            return Optional.empty();
        }
        double limit = usual.mean + config.deviations() * TO_SIGMA * usual.spread();
        if (Math.log1p(usual.tokens) <= limit) {
            return Optional.empty();
        }
        usual.told = true;
        return Optional.of(
                new Signal(
                        RULE,
                        "high",
                        "principal " + principal,
                        principal,
                        "%d tokens in one minute; usual is about %.0f, up to %.0f, in %d minutes"
                                .formatted(
                                        usual.tokens,
                                        Math.expm1(usual.mean),
                                        Math.expm1(limit),
                                        usual.minutes),
                        usual.evidence));
    }

    /** How many principals are known but not yet judged. */
    long warming() {
        return principals.values().stream().filter(u -> u.minutes < config.warmUpMinutes()).count();
    }
}
