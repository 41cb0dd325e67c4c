package atlas.identity;

import atlas.core.Role;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/**
 * How often keys are rotated: a key that is older than its cadence works no more, whatever its
 * expiry says. A key of several roles has the shortest of theirs.
 *
 * @param usual for roles without a cadence of their own
 * @param warning how long before the end reminders begin, but never before the last quarter of a
 *     key's life
 */
public record KeyCadence(Duration usual, Map<Role, Duration> byRole, Duration warning) {
    private static final Duration SHORTEST = Duration.ofHours(1);

    public KeyCadence {
        byRole = Map.copyOf(byRole);
        requireSensible(usual);
        byRole.values().forEach(KeyCadence::requireSensible);
        if (warning.isNegative()) {
            throw new IllegalArgumentException("`warn-before` is not negative");
        }
    }

    /** 90 days for every role, with reminders from 14 days before. */
    public static KeyCadence defaults() {
        return new KeyCadence(Duration.ofDays(90), Map.of(), Duration.ofDays(14));
    }

    /** When a key must have been rotated. */
    public Instant due(ApiKey key) {
        Duration shortest = null;
        for (Role role : key.roles()) {
            Duration of = byRole.getOrDefault(role, usual);
            shortest = shortest == null || of.compareTo(shortest) < 0 ? of : shortest;
        }
        return key.issued().plus(shortest == null ? usual : shortest);
    }

    /** When a key stops working: its expiry or the end of its cadence, whichever is first. */
    public Instant ends(ApiKey key) {
        Instant due = due(key);
        return due.isBefore(key.expires()) ? due : key.expires();
    }

    /** What is to be said of a key at that moment. */
    public Standing standing(ApiKey key, Instant now) {
        if (key.revoked().isPresent()) {
            return Standing.REVOKED;
        }
        if (!now.isBefore(key.expires())) {
            return Standing.EXPIRED;
        }
        if (!now.isBefore(due(key))) {
            return Standing.OVERDUE;
        }
        // Who has a successor needs no reminder: its end is what was wanted.
        return key.replacedBy().isEmpty() && !now.isBefore(warns(key))
                ? Standing.DUE
                : Standing.ACTIVE;
    }

    // A key of a day is not a thing to be reminded of all day long.
    private Instant warns(ApiKey key) {
        Instant ends = ends(key);
        Duration quarter = Duration.between(key.issued(), ends).dividedBy(4);
        return ends.minus(quarter.compareTo(warning) < 0 ? quarter : warning);
    }

    /** How a key stands. */
    public enum Standing {
        /** It works. */
        ACTIVE,
        /** It works, but soon will not: rotate it. */
        DUE,
        /** It was not rotated in time and works no more. */
        OVERDUE,
        /** Its time was over. */
        EXPIRED,
        /** It was taken back. */
        REVOKED
    }

    private static void requireSensible(Duration cadence) {
        if (cadence.compareTo(SHORTEST) < 0 || cadence.compareTo(ApiKeys.MAX_LIFETIME) > 0) {
            throw new IllegalArgumentException(
                    "a cadence is between 1h and %d days, not `%s`"
                            .formatted(ApiKeys.MAX_LIFETIME.toDays(), cadence));
        }
    }
}
