package atlas.identity;

import atlas.core.Cidr;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How far a key reaches beside its roles and models, and how much it may use.
 *
 * @param sources where it may be used from; anywhere when empty
 * @param tokens model tokens in and out, per period; unlimited when empty
 * @param requests requests to models, a bucket of so many refilled evenly; unlimited when empty
 */
public record KeyLimits(
        List<Cidr> sources, Optional<Allowance> tokens, Optional<Allowance> requests) {
    /** From anywhere, as much as wanted. */
    public static final KeyLimits NONE =
            new KeyLimits(List.of(), Optional.empty(), Optional.empty());

    private static final int MAX_SOURCES = 64;

    public KeyLimits {
        sources = List.copyOf(sources);
        if (sources.size() > MAX_SOURCES) {
            throw new IllegalArgumentException(
                    "a key is bound to at most " + MAX_SOURCES + " networks");
        }
    }

    /** Whether the key may be used from this address literal. */
    public boolean allowsFrom(String source) {
        if (sources.isEmpty()) {
            return true;
        }
        for (Cidr network : sources) {
            if (network.contains(source)) {
                return true;
            }
        }
        return false;
    }

    /** What one of so many may give out, so that all together give out no more than this. */
    public KeyLimits share(long among) {
        return new KeyLimits(
                sources,
                tokens.map(allowance -> allowance.share(among)),
                requests.map(allowance -> allowance.share(among)));
    }

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

        private Allowance share(long among) {
            return new Allowance(Math.max(1, amount / among), per);
        }

        /** As {@link #parse} reads it, in the largest unit that is exact. */
        @Override
        public String toString() {
            long seconds = per.toSeconds();
            if (seconds % 3600 == 0) {
                return amount + "/" + seconds / 3600 + "h";
            }
            return seconds % 60 == 0
                    ? amount + "/" + seconds / 60 + "m"
                    : amount + "/" + seconds + "s";
        }
    }
}
