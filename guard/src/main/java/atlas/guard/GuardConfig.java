package atlas.guard;

import java.util.List;

/**
 * How strict the guard is.
 *
 * @param blockScore a part scoring this or more is refused; 0.5 is the shipped threshold
 * @param flagScore a part scoring this or more is flagged
 * @param maxScannedChars UTF-16 units looked at per request; what is beyond makes coverage partial
 * @param blockPartial whether a prompt that was not looked at completely is refused
 * @param unredacted finding types the output filter leaves alone, such as {@code IP_ADDRESS}
 */
public record GuardConfig(
        double blockScore,
        double flagScore,
        int maxScannedChars,
        boolean blockPartial,
        List<String> unredacted) {
    public GuardConfig {
        if (!(flagScore > 0 && flagScore <= blockScore && blockScore <= 1)) {
            throw new IllegalArgumentException(
                    "guard scores must satisfy 0 < flag-score <= block-score <= 1");
        }
        if (maxScannedChars < 1024) {
            throw new IllegalArgumentException("max-scanned-chars must be at least 1024");
        }
        unredacted = List.copyOf(unredacted);
    }

    /** Shipped thresholds, 4 Mi characters, partial means refused, everything redacted. */
    public static GuardConfig defaults() {
        return new GuardConfig(0.5, 0.35, 4 << 20, true, List.of());
    }
}
