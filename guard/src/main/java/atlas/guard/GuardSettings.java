package atlas.guard;

import atlas.core.Glob;
import atlas.core.Role;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The {@code guard} section of {@code atlas.yaml}.
 *
 * @param mode where no rule says otherwise
 * @param rules the first that applies decides
 * @param exemptions go before the rules, each until its day has passed
 * @param thresholds a file that {@code atlas guard calibrate} wrote; those shipped when absent
 * @param maxScannedChars UTF-16 units looked at per request; what is beyond makes coverage partial
 * @param blockPartial whether a prompt that was not looked at completely is refused
 * @param unredacted finding types the output filter leaves alone, such as {@code IP_ADDRESS}
 */
public record GuardSettings(
        GuardMode mode,
        List<GuardRule> rules,
        List<GuardExemption> exemptions,
        Optional<Path> thresholds,
        int maxScannedChars,
        boolean blockPartial,
        List<String> unredacted) {
    public GuardSettings {
        rules = List.copyOf(rules);
        exemptions = List.copyOf(exemptions);
        unredacted = List.copyOf(unredacted);
        new GuardConfig(0.5, 0.35, maxScannedChars, blockPartial, unredacted);
    }

    /** A request as rules see it. */
    public record Asked(String caller, Set<Role> roles, String model) {}

    /** Everything is looked at by the shipped thresholds, and what is bad is refused. */
    public static GuardSettings defaults() {
        GuardConfig config = GuardConfig.defaults();
        return new GuardSettings(
                GuardMode.BLOCK,
                List.of(),
                List.of(),
                Optional.empty(),
                config.maxScannedChars(),
                config.blockPartial(),
                config.unredacted());
    }

    /** The mode for a request at this moment. */
    public GuardMode mode(Asked asked, Instant now) {
        for (GuardExemption exemption : exemptions) {
            if (exemption.appliesTo(asked, now)) {
                return exemption.mode();
            }
        }
        for (GuardRule rule : rules) {
            if (applies(rule, asked)) {
                return rule.mode();
            }
        }
        return mode;
    }

    private static boolean applies(GuardRule rule, Asked asked) {
        return rule.model().map(pattern -> new Glob(pattern).matches(asked.model())).orElse(true)
                && rule.role()
                        .map(held ->
                                asked.roles().stream().anyMatch(r -> r.wireName().equals(held)))
                        .orElse(true);
    }

    /** What this asks of the guard itself. */
    public GuardConfig config() {
        GuardConfig shipped = GuardConfig.defaults();
        return new GuardConfig(
                shipped.blockScore(),
                shipped.flagScore(),
                maxScannedChars,
                blockPartial,
                unredacted);
    }
}
