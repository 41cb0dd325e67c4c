package atlas.export;

import java.security.SecureRandom;
import java.time.Duration;

/** How long to wait after failures in a row: doubling, with chance in it, up to a bound. */
final class Backoff {
    private final Duration first;
    private final Duration most;
    private final SecureRandom random = new SecureRandom();
    private int failures;

    Backoff(Duration first, Duration most) {
        this.first = first;
        this.most = most;
    }

    void succeeded() {
        failures = 0;
    }

    /** After one more failure: between half and all of the doubled wait. */
    Duration failed() {
        long doubled = first.toNanos() << Math.min(failures++, 30);
        long whole = doubled <= 0 ? most.toNanos() : Math.min(doubled, most.toNanos());
        return Duration.ofNanos(whole / 2 + random.nextLong(whole / 2 + 1));
    }
}
