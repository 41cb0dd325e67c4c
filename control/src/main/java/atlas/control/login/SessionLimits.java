package atlas.control.login;

import java.time.Duration;

/**
 * How long sessions last and how many there may be (OWASP ASVS 5, 7.1 and 7.3).
 *
 * @param idle unused for this long, a session ends
 * @param absolute a session ends this long after signing in, however busy it is
 * @param perPrincipal signing in once more ends the oldest beyond this
 */
public record SessionLimits(Duration idle, Duration absolute, int perPrincipal) {
    public SessionLimits {
        if (idle.compareTo(Duration.ofMinutes(1)) < 0 || idle.compareTo(Duration.ofHours(2)) > 0) {
            throw new IllegalArgumentException(
                    "`session-idle` is between 1m and 2h, not `" + idle + "`");
        }
        if (absolute.compareTo(idle) < 0 || absolute.compareTo(Duration.ofHours(24)) > 0) {
            throw new IllegalArgumentException(
                    "`session-absolute` is between `session-idle` and 24h, not `" + absolute + "`");
        }
        if (perPrincipal < 1 || perPrincipal > 100) {
            throw new IllegalArgumentException("`sessions-per-principal` is between 1 and 100");
        }
    }

    /** A quarter of an hour unused, a working day in all, ten browsers. */
    public static SessionLimits defaults() {
        return new SessionLimits(Duration.ofMinutes(15), Duration.ofHours(8), 10);
    }
}
