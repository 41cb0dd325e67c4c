package atlas.identity;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * So much in such a time: {@code 1000000/24h} tokens, {@code 60/1m} requests.
 *
 * @param amount at least 1
 * @param per between a second and 366 days, in whole seconds
 */
public record Allowance(long amount, Duration per) {
    private static final long MAX_AMOUNT = 1_000_000_000_000_000L;
    private static final Duration MAX_PERIOD = Duration.ofDays(366);
    private static final Pattern TEXT = Pattern.compile("([0-9]{1,16})/([0-9]{1,8})([smhd])");

    public Allowance {
        if (amount < 1 || amount > MAX_AMOUNT) {
            throw new IllegalArgumentException(
                    "an allowance is between 1 and " + MAX_AMOUNT + ", not `" + amount + "`");
        }
        if (per.getNano() != 0
                || per.compareTo(Duration.ofSeconds(1)) < 0
                || per.compareTo(MAX_PERIOD) > 0) {
            throw new IllegalArgumentException(
                    "an allowance is for whole seconds up to 366 days, not `" + per + "`");
        }
    }

    /**
     * Reads {@code <amount>/<number><unit>}, the unit one of {@code s m h d}.
     *
     * @throws IllegalArgumentException when it is written otherwise
     */
    public static Allowance parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "not an allowance: `" + text + "`; write it like `1000000/24h` or `60/1m`");
        }
        long number = Long.parseLong(matcher.group(2));
        Duration per =
                switch (matcher.group(3)) {
                    case "s" -> Duration.ofSeconds(number);
                    case "m" -> Duration.ofMinutes(number);
                    case "h" -> Duration.ofHours(number);
                    default -> Duration.ofDays(number);
                };
        return new Allowance(Long.parseLong(matcher.group(1)), per);
    }

    /** As {@link #parse} reads it, in the largest unit that is exact. */
    @Override
    public String toString() {
        long seconds = per.toSeconds();
        if (seconds % 3600 == 0) {
            return amount + "/" + seconds / 3600 + "h";
        }
        return seconds % 60 == 0 ? amount + "/" + seconds / 60 + "m" : amount + "/" + seconds + "s";
    }
}
