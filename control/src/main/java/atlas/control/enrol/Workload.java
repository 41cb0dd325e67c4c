package atlas.control.enrol;

import atlas.core.WorkloadId;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A gateway or node that has joined.
 *
 * @param name its own among those of its role
 * @param serverNames DNS names and addresses its server certificate carries, beside localhost
 */
public record Workload(Role role, String name, List<String> serverNames, Instant joined) {
    // A minute, and the second that certificates cut off.
    private static final Duration BACKDATE = Duration.ofSeconds(61);
    private static final String DNS_NAME =
            "(\\*\\.)?[A-Za-z0-9_-]{1,63}(\\.[A-Za-z0-9_-]{1,63}){0,126}";
    private static final String NAME = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";

    /** What it may ask of the control plane. */
    public enum Role {
        GATEWAY,
        NODE;

        public String wireName() {
            return name().toLowerCase(Locale.ROOT);
        }

        public static Optional<Role> ofWireName(String name) {
            for (Role role : values()) {
                if (role.wireName().equals(name)) {
                    return Optional.of(role);
                }
            }
            return Optional.empty();
        }
    }

    public Workload {
        serverNames = List.copyOf(serverNames);
        requireName(name);
    }

    /** Refuses what cannot be a part of a SPIFFE ID and of a host name. */
    static void requireName(String name) {
        if (!isName(name)) {
            throw new IllegalArgumentException(
                    "not a name for a workload: `"
                            + name
                            + "`; use 1 to 63 lower-case letters, digits and `-`");
        }
    }

    /** Refuses what cannot stand in a certificate for a server. */
    static void requireServerName(String name) {
        boolean literal = name.indexOf(':') >= 0 || name.matches("[0-9.]+");
        boolean fits = literal ? isAddress(name) : name.length() <= 253 && name.matches(DNS_NAME);
        if (!fits) {
            throw new IllegalArgumentException(
                    "not a DNS name or address for a server: `" + name + "`");
        }
    }

    private static boolean isAddress(String literal) {
        if (literal.indexOf(':') < 0 && !literal.matches("[0-9]{1,3}(\\.[0-9]{1,3}){3}")) {
            return false;
        }
        try {
            return InetAddress.ofLiteral(literal).getHostAddress() != null;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    static boolean isName(String name) {
        return name.matches(NAME);
    }

    /**
     * Whether a certificate that begins then was given to it when it joined, or later: one of who
     * had this name before was not. Certificates begin a minute before they are issued.
     */
    public boolean holdsFrom(Instant notBefore) {
        return !notBefore.isBefore(joined.minus(BACKDATE));
    }

    /** The path of its SPIFFE ID. */
    public String path() {
        return path(role, name);
    }

    static String path(Role role, String name) {
        return "/" + role.wireName() + "/" + name;
    }

    /** Its SPIFFE ID in a trust domain. */
    public WorkloadId id(String trustDomain) {
        return new WorkloadId(trustDomain, path());
    }
}
