package atlas.control.api;

import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as people type them ({@code 30d}, {@code 24h}) and instants as ISO-8601. */
final class Times {
    private static final Pattern DURATION = Pattern.compile("([0-9]{1,9})([smhd])");

    private Times() {}

    static Duration duration(String name, String text) throws Refusal {
        Matcher matcher = DURATION.matcher(text);
        if (!matcher.matches()) {
            throw Problems.invalid(
                    "`" + name + "` is a number with `s`, `m`, `h` or `d`, like `30d`");
        }
        long amount = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "s" -> Duration.ofSeconds(amount);
            case "m" -> Duration.ofMinutes(amount);
            case "h" -> Duration.ofHours(amount);
            default -> Duration.ofDays(amount);
        };
    }

    static Optional<Instant> instant(String name, Optional<String> text) throws Refusal {
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(Instant.parse(text.get()));
        } catch (DateTimeParseException e) {
            throw Problems.invalid("`" + name + "` is a time like `2026-01-31T12:00:00Z`");
        }
    }
}
