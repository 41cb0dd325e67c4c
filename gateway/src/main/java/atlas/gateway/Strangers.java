package atlas.gateway;

import atlas.core.AuditEvent.AccessRefusals;
import atlas.core.AuditEvent.AccessRefused;
import atlas.core.AuditLog;
import atlas.runtime.http.Exchange;
import atlas.runtime.http.RefusedHttp;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records refused strangers so that every one is counted and nobody can flood the journal: the
 * first few of a source in a minute one by one, all others in one exact count per minute. Never
 * makes a stranger's answer wait for the disk; what the journal did not take is counted instead.
 * Thread-safe.
 */
final class Strangers implements AutoCloseable {
    /** Single entries in a minute over all sources: addresses are cheap for those who have many. */
    static final int SINGLE_PER_MINUTE = 600;

    /** Of these, of one known caller: more than it takes to be conspicuous. */
    static final int SINGLE_PER_CALLER = 30;

    /** Sources told apart in a minute; the number reported stops here, the counts do not. */
    static final int MAX_SOURCES = 65_536;

    private static final int MAX_PATH = 256;
    private static final Logger LOG = LoggerFactory.getLogger(Strangers.class);

    private final AuditLog journal;
    private final Clock clock;
    private final int singlePerSource;

    /** Guards everything below; held for map operations only. */
    private final Object lock = new Object();

    private Map<String, Integer> singles = new HashMap<>();
    private Map<String, Integer> callers = new HashMap<>();
    private Map<String, Long> counts = new HashMap<>();
    private Set<String> sources = new HashSet<>();
    private int singlesLeft = SINGLE_PER_MINUTE;
    private int callersLeft = SINGLE_PER_MINUTE;
    private Instant since;

    Strangers(AuditLog journal, Clock clock, int singlePerSource) {
        this.journal = journal;
        this.clock = clock;
        this.singlePerSource = singlePerSource;
        this.since = clock.instant();
    }

    /** Takes note of one refusal. */
    void refused(Exchange exchange, String reason, String hint) {
        refused(
                new AccessRefused(
                        exchange.requestId(),
                        exchange.source(),
                        shown(exchange.method(), 16),
                        shown(exchange.path(), MAX_PATH),
                        reason,
                        hint));
    }

    /** Takes note of a request that the edge refused by itself. */
    void refused(RefusedHttp http) {
        refused(
                new AccessRefused(
                        http.requestId(),
                        http.source(),
                        "",
                        shown(http.path(), MAX_PATH),
                        http.reason(),
                        http.detail()));
    }

    /**
     * Whether a known caller's refusal is recorded by itself; when not, it is counted with the
     * others. For what a caller can bring about as often as it likes.
     */
    boolean single(Exchange exchange, String reason, String principal) {
        synchronized (lock) {
            int of = callers.merge(principal, 1, Integer::sum);
            if (of <= SINGLE_PER_CALLER && callersLeft > 0) {
                callersLeft--;
                return true;
            }
            count(reason, exchange.source());
            return false;
        }
    }

    private void refused(AccessRefused event) {
        String source = event.source();
        String reason = event.reason();
        if (!admitsSingle(source)) {
            count(reason, source);
            return;
        }
        journal.submit(event)
                .whenComplete((_, failure) -> {
                    if (failure != null) {
                        count(reason, source);
                    }
                });
    }

    /**
     * Records what was only counted, and begins a new minute. What cannot be recorded stays
     * counted.
     */
    void flush() {
        Map<String, Long> counted;
        Set<String> seen;
        Instant from;
        Instant until = clock.instant();
        synchronized (lock) {
            counted = counts;
            seen = sources;
            from = since;
            counts = new HashMap<>();
            sources = new HashSet<>();
            singles = new HashMap<>();
            singlesLeft = SINGLE_PER_MINUTE;
            callers = new HashMap<>();
            callersLeft = SINGLE_PER_MINUTE;
            since = until;
        }
        if (counted.isEmpty()) {
            return;
        }
        try {
            journal.append(new AccessRefusals(from, until, counted, seen.size()));
        } catch (RuntimeException e) {
            LOG.atWarn().setCause(e).log("refusals stay counted, the journal takes nothing");
            synchronized (lock) {
                counted.forEach((reason, n) -> counts.merge(reason, n, Long::sum));
                seen.forEach(this::remember);
                since = from;
            }
        }
    }

    /** Records the last counts. */
    @Override
    public void close() {
        flush();
    }

    private boolean admitsSingle(String source) {
        synchronized (lock) {
            if (singlesLeft == 0) {
                return false;
            }
            int of = singles.merge(source, 1, Integer::sum);
            if (of > singlePerSource) {
                return false;
            }
            singlesLeft--;
            return true;
        }
    }

    private void count(String reason, String source) {
        synchronized (lock) {
            counts.merge(reason, 1L, Long::sum);
            remember(source);
        }
    }

    private void remember(String source) {
        if (sources.size() < MAX_SOURCES) {
            sources.add(source);
        }
    }

    private static String shown(String text, int max) {
        return text.length() <= max ? text : text.substring(0, max) + "…";
    }
}
