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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Journals callers without a valid credential: the first of each minute one by one, the rest
 * counted exactly and recorded together, so that a stranger cannot flood the journal. Never blocks
 * on the journal: a stranger gets 401 whether or not it can be written. What the journal did not
 * take stays counted until it does. Thread-safe.
 */
public final class RefusalLedger implements AutoCloseable {
    private static final Duration WINDOW = Duration.ofMinutes(1);
    private static final int ONE_BY_ONE = 20;
    private static final int MAX_SOURCES = 10_000;
    private static final Logger LOG = LoggerFactory.getLogger(RefusalLedger.class);

    private final AuditLog journal;
    private final Clock clock;

    /** Guards everything below; held for map operations only. */
    private final Object lock = new Object();

    private Instant windowStart;
    private int recorded;
    private Counted counted;

    /** What waits to be recorded together, since when. */
    private record Counted(Instant since, Map<String, Long> reasons, Set<String> sources) {
        static Counted nothing(Instant since) {
            return new Counted(since, new HashMap<>(), new HashSet<>());
        }

        void add(String reason, String source) {
            reasons.merge(reason, 1L, Long::sum);
            remember(source);
        }

        /** This and what was counted before it and not taken. */
        Counted and(Counted before) {
            before.reasons.forEach((reason, n) -> reasons.merge(reason, n, Long::sum));
            before.sources.forEach(this::remember);
            boolean earlier = before.since.isBefore(since);
            return new Counted(earlier ? before.since : since, reasons, sources);
        }

        private void remember(String source) {
            if (sources.size() < MAX_SOURCES) {
                sources.add(source);
            }
        }

        AccessRefusals until(Instant now) {
            return new AccessRefusals(since, now, reasons, sources.size());
        }
    }

    public RefusalLedger(AuditLog journal, Clock clock) {
        this.journal = journal;
        this.clock = clock;
        this.windowStart = clock.instant();
        this.counted = Counted.nothing(windowStart);
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

    private void refused(AccessRefused event) {
        roll();
        synchronized (lock) {
            if (recorded == ONE_BY_ONE) {
                counted.add(event.reason(), event.source());
                return;
            }
            recorded++;
        }
        journal.submit(event)
                .whenComplete((_, failure) -> {
                    if (failure != null) {
                        synchronized (lock) {
                            counted.add(event.reason(), event.source());
                        }
                    }
                });
    }

    /** Records what was counted when the minute is over. */
    public void roll() {
        Instant now = clock.instant();
        Counted due;
        synchronized (lock) {
            if (Duration.between(windowStart, now).compareTo(WINDOW) < 0) {
                return;
            }
            due = take(now);
        }
        record(due, now);
    }

    // Holds the lock.
    private Counted take(Instant now) {
        Counted taken = counted;
        counted = Counted.nothing(now);
        recorded = 0;
        windowStart = now;
        return taken;
    }

    private void record(Counted due, Instant now) {
        if (due.reasons().isEmpty()) {
            return;
        }
        journal.submit(due.until(now))
                .whenComplete((_, failure) -> {
                    if (failure != null) {
                        LOG.atWarn()
                                .addKeyValue("counts", due.reasons())
                                .setCause(failure)
                                .log("refusals stay counted, the journal takes nothing");
                        synchronized (lock) {
                            counted = counted.and(due);
                        }
                    }
                });
    }

    @Override
    public void close() {
        Instant now = clock.instant();
        Counted last;
        synchronized (lock) {
            last = take(now);
        }
        record(last, now);
    }
}
