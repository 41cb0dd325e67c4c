package atlas.policy.cedar;

import atlas.core.Cidr;
import atlas.core.Role;
import atlas.core.WorkloadId;
import atlas.policy.Circumstances.ModelFacts;
import atlas.policy.InferenceFacts;
import atlas.policy.Question;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** How facts are read from a question; texts are in the form the engine takes them. */
final class Readings {
    private static final BigDecimal LARGEST = new BigDecimal("922337203685477.5807");

    private Readings() {}

    static Object principalKind(Question q) {
        return lower(q.principal().kind());
    }

    /** Everything the principal's entity is: for policies that look at it as a whole. */
    static Object whole(Question q) {
        return List.of(
                q.principal().id(),
                q.roles().stream().map(Role::wireName).sorted().toList(),
                q.principal().claims().groups().stream().sorted().toList());
    }

    static Object tags(Question q) {
        return new TreeMap<>(q.principal().claims().attributes());
    }

    static @Nullable Object version(Question q) {
        return q.circumstances().model().get().map(facts -> (long) facts.version()).orElse(null);
    }

    static @Nullable Object signer(Question q) {
        return q.circumstances().model().get().map(ModelFacts::signer).orElse(null);
    }

    static Object source(Question q) {
        return q.circumstances().source().map(Readings::address).orElse(Fact.UNKNOWN);
    }

    static Object segment(Question q) {
        if (q.circumstances().segment().isPresent()) {
            return q.circumstances().segment().get();
        }
        return q.circumstances()
                .source()
                .<Object>map(q.surroundings()::segmentOf)
                .orElse(Fact.UNKNOWN);
    }

    static Object time(Question q) {
        return moment(q).truncatedTo(ChronoUnit.SECONDS).toString();
    }

    static Object weekday(Question q) {
        DayOfWeek day = moment(q).atOffset(ZoneOffset.UTC).getDayOfWeek();
        return day.name().substring(0, 3).toLowerCase(Locale.ROOT);
    }

    static Object risk(Question q) {
        return lower(
                q.circumstances().risk().orElseGet(() -> q.surroundings().riskOf(q.principal())));
    }

    static Object credentialKind(Question q) {
        return lower(q.principal().credential().kind());
    }

    static Object credentialAge(Question q) {
        return seconds(q.principal().credential().issued(), moment(q));
    }

    static Object credentialLife(Question q) {
        return seconds(moment(q), q.principal().credential().expires());
    }

    static @Nullable Object channel(Question q) {
        return q.principal().credential().workload().map(WorkloadId::toString).orElse(null);
    }

    static Function<Question, @Nullable Object> asked(
            Function<InferenceFacts, @Nullable Object> reading) {
        return q ->
                q.circumstances().request().isPresent()
                        ? reading.apply(q.circumstances().request().get())
                        : Fact.UNKNOWN;
    }

    static @Nullable Object maxTokens(InferenceFacts asked) {
        return asked.sampling().maxTokens().isPresent()
                ? (Long) asked.sampling().maxTokens().getAsLong()
                : null;
    }

    /** Rounded up, so that nothing slips under a limit by a digit that is cut off. */
    static @Nullable Object temperature(InferenceFacts asked) {
        if (asked.sampling().temperature().isEmpty()) {
            return null;
        }
        double value = asked.sampling().temperature().getAsDouble();
        if (!Double.isFinite(value)) {
            return LARGEST.toPlainString();
        }
        BigDecimal exact = new BigDecimal(value).setScale(4, RoundingMode.CEILING);
        return exact.min(LARGEST).max(LARGEST.negate()).toPlainString();
    }

    /** One spelling for each address: an IPv4 address inside an IPv6 one is the IPv4 address. */
    private static Object address(String literal) {
        if (plainIpv4(literal)) {
            return literal;
        }
        int zone = literal.indexOf('%');
        try {
            String block = Cidr.parse(zone < 0 ? literal : literal.substring(0, zone)).toString();
            return literal.indexOf('/') < 0 ? block.substring(0, block.indexOf('/')) : Fact.UNKNOWN;
        } catch (IllegalArgumentException e) {
            return Fact.UNKNOWN;
        }
    }

    /** Four numbers without leading zeros: what a socket gives, and already the one spelling. */
    private static boolean plainIpv4(String literal) {
        int dots = 0;
        int digits = 0;
        int number = 0;
        for (int i = 0; i < literal.length(); i++) {
            char c = literal.charAt(i);
            if (c == '.') {
                if (digits == 0) {
                    return false;
                }
                dots++;
                digits = 0;
                number = 0;
            } else if (c >= '0' && c <= '9' && (digits == 0 || number > 0)) {
                digits++;
                number = number * 10 + (c - '0');
                if (number > 255) {
                    return false;
                }
            } else {
                return false;
            }
        }
        return dots == 3 && digits > 0;
    }

    private static Instant moment(Question q) {
        return q.circumstances().time().orElse(q.now());
    }

    // Instant.MAX stands for "never": the difference must not overflow.
    private static Object seconds(Instant from, Instant to) {
        try {
            return Math.max(0, Duration.between(from, to).toSeconds());
        } catch (ArithmeticException e) {
            return Long.MAX_VALUE;
        }
    }

    private static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
