package atlas.cli;

import java.time.Duration;
import java.util.Optional;

/**
 * The {@code link} section: how a gateway or node in a process of its own follows its control
 * plane.
 *
 * @param maxAge how long the control plane's word holds after it was said; then nothing is decided
 *     and everything is answered with 503
 * @param control where the control plane answers workloads, as {@code host:port}; for a workload
 *     with an SVID of its own, which no join token tells
 * @param name with it: the last part of this workload's SPIFFE ID
 * @param advertise the name or address under which the control plane reaches a node
 */
public record LinkSettings(
        Duration maxAge, String advertise, Optional<String> control, Optional<String> name) {
    private static final int MAX_PORT = 65_535;
    private static final Duration SHORTEST = Duration.ofSeconds(10);
    private static final Duration LONGEST = Duration.ofHours(1);

    public LinkSettings {
        if (maxAge.compareTo(SHORTEST) < 0 || maxAge.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("`max-age` is between 10s and 1h");
        }
        if (control.isPresent() != name.isPresent()) {
            throw new IllegalArgumentException(
                    "`control` and `name` are given together or not at all");
        }
        control.ifPresent(LinkSettings::port);
        if (advertise.isEmpty()) {
            throw new IllegalArgumentException("`advertise` names a host");
        }
    }

    /** 30 seconds; this machine. */
    public static LinkSettings defaults() {
        return new LinkSettings(
                Duration.ofSeconds(30), "localhost", Optional.empty(), Optional.empty());
    }

    /** The host of a place. */
    static String host(String place) {
        return place.substring(0, Math.max(0, place.lastIndexOf(':')));
    }

    /** The port of a place. */
    static int port(String place) {
        String digits = place.substring(place.lastIndexOf(':') + 1);
        int port = digits.matches("[0-9]{1,5}") ? Integer.parseInt(digits) : 0;
        if (port < 1 || port > MAX_PORT || host(place).isEmpty()) {
            throw new IllegalArgumentException("`control` is `host:port`, not `" + place + "`");
        }
        return port;
    }
}
