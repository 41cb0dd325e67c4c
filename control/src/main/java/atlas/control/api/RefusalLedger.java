package atlas.control.api;

import atlas.core.AuditEvent.AccessRefusals;
import atlas.core.AuditEvent.AccessRefused;
import atlas.core.AuditLog;
import atlas.runtime.http.Exchange;
import atlas.runtime.http.RefusedHttp;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Journals callers without a valid credential: the first of each minute one by one, the rest
 * counted exactly and recorded together, so that a stranger cannot flood the journal. Never blocks
 * on the journal: a stranger gets 401 whether or not it can be written. Thread-safe.
 */
public final class RefusalLedger implements AutoCloseable {
    private static final Duration WINDOW = Duration.ofMinutes(1);
    private static final int ONE_BY_ONE = 20;
    private static final int MAX_SOURCES = 10_000;

    private final AuditLog journal;
    private final Clock clock;

    private Instant windowStart;
    private int recorded;
    private final Map<String, Long> counted = new HashMap<>();
    private final Set<String> sources = new HashSet<>();

    public RefusalLedger(AuditLog journal, Clock clock) {
        this.journal = journal;
        this.clock = clock;
        this.windowStart = clock.instant();
    }

    /** Takes note of a request that was refused; {@code hint} says by what it came. */
    public void refused(Exchange exchange, String reason, String hint) {
        refused(
                new AccessRefused(
                        exchange.requestId(),
                        exchange.source(),
                        exchange.method(),
                        exchange.path(),
                        reason,
                        hint));
    }

    /** Takes note of a request that the edge refused by itself. */
    public void refused(RefusedHttp http) {
        refused(
                new AccessRefused(
                        http.requestId(),
                        http.source(),
                        "",
                        http.path(),
                        http.reason(),
                        http.detail()));
    }

    private synchronized void refused(AccessRefused event) {
        roll();
        if (recorded < ONE_BY_ONE) {
            recorded++;
            journal.submit(event);
            return;
        }
        counted.merge(event.reason(), 1L, Long::sum);
        if (sources.size() < MAX_SOURCES) {
            sources.add(event.source());
        }
    }

    /** Records what was counted when the minute is over. */
    public synchronized void roll() {
        Instant now = clock.instant();
        if (Duration.between(windowStart, now).compareTo(WINDOW) >= 0) {
            record(now);
        }
    }

    private void record(Instant now) {
        if (!counted.isEmpty()) {
            journal.submit(
                    new AccessRefusals(windowStart, now, Map.copyOf(counted), sources.size()));
        }
        counted.clear();
        sources.clear();
        recorded = 0;
        windowStart = now;
    }

    @Override
    public synchronized void close() {
        record(clock.instant());
    }
}
