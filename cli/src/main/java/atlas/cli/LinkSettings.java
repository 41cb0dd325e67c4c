package atlas.cli;

import java.time.Duration;

/**
 * The {@code link} section: how a gateway or node in a process of its own follows its control
 * plane.
 *
 * @param maxAge how long the control plane's word holds after it was said; then nothing is decided
 *     and everything is answered with 503
 * @param advertise the name or address under which the control plane reaches a node
 */
public record LinkSettings(Duration maxAge, String advertise) {
    private static final Duration SHORTEST = Duration.ofSeconds(10);
    private static final Duration LONGEST = Duration.ofHours(1);

    public LinkSettings {
        if (maxAge.compareTo(SHORTEST) < 0 || maxAge.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("`max-age` is between 10s and 1h");
        }
        if (advertise.isEmpty()) {
            throw new IllegalArgumentException("`advertise` names a host");
        }
    }

    /** 30 seconds; this machine. */
    public static LinkSettings defaults() {
        return new LinkSettings(Duration.ofSeconds(30), "localhost");
    }
}
