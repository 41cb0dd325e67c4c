package atlas.guard;

import atlas.core.Glob;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Optional;

/**
 * A mode for some requests until a day has passed; it goes before all rules and ends by itself.
 *
 * @param caller the caller's id, {@code *} for any run of characters; everybody when absent
 * @param model the models it is about, {@code *} for any run of characters; all when absent
 * @param until the last day in UTC, as {@code 2027-01-31}, or a moment, as {@code
 *     2027-01-31T12:00:00Z}
 * @param reason why, for who reads the file later
 */
public record GuardExemption(
        Optional<String> caller,
        Optional<String> model,
        GuardMode mode,
        String until,
        String reason) {
    public GuardExemption {
        if (caller.isEmpty() && model.isEmpty()) {
            throw new IllegalArgumentException(
                    "an exemption of `guard.exemptions` names a `caller` or a `model`");
        }
        if (reason.isBlank()) {
            throw new IllegalArgumentException("an exemption of `guard.exemptions` has a `reason`");
        }
        caller.ifPresent(Glob::new);
        model.ifPresent(Glob::new);
        end(until);
    }

    boolean appliesTo(GuardSettings.Asked asked, Instant now) {
        return now.isBefore(end(until))
                && caller.map(pattern -> new Glob(pattern).matches(asked.caller())).orElse(true)
                && model.map(pattern -> new Glob(pattern).matches(asked.model())).orElse(true);
    }

    private static Instant end(String until) {
        try {
            return until.contains("T")
                    ? Instant.parse(until)
                    : LocalDate.parse(until).plusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant();
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(
                    "`until` of an exemption is a day, as 2027-01-31, or a moment, as"
                            + " 2027-01-31T12:00:00Z",
                    e);
        }
    }
}
