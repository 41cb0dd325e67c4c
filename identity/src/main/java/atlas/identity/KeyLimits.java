package atlas.identity;

import atlas.core.Cidr;
import java.util.List;
import java.util.Optional;

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
}
