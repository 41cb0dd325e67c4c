package atlas.watch;

import atlas.core.AuditEvent;
import atlas.core.AuditEvent.AccessRefusals;
import atlas.core.AuditEvent.AccessRefused;
import atlas.core.AuditEvent.AdminAct;
import atlas.core.AuditEvent.InferenceDenied;
import atlas.core.AuditEvent.TokenRefused;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Many refusals in a short time: somebody guesses credentials from one source, or a principal tries
 * what it may not do.
 */
final class DeniedBurstDetector implements Detector {
    static final String RULE = "denied_burst";

    private final WatchConfig.DeniedBurst config;
    private final Recent<String, Burst> bursts;

    DeniedBurstDetector(WatchConfig.DeniedBurst config, int subjects) {
        this.config = config;
        this.bursts = new Recent<>(subjects);
    }

    /** The last refusals of one subject: as many as the threshold, in a ring. */
    private static final class Burst {
        final long[] times;
        final long[] indexes;
        int next;

        Burst(int size) {
            times = new long[size];
            indexes = new long[size];
            clear();
        }

        void clear() {
            Arrays.fill(times, Long.MIN_VALUE);
            next = 0;
        }

        /** Notes a refusal; true when the ring now holds only ones since {@code oldest}. */
        boolean add(long time, long index, long oldest) {
            times[next] = time;
            indexes[next] = index;
            next = (next + 1) % times.length;
            return times[next] != Long.MIN_VALUE && times[next] >= oldest;
        }

        List<Long> evidence() {
            List<Long> list = new ArrayList<>(indexes.length);
            for (int i = 0; i < indexes.length; i++) {
                list.add(indexes[(next + i) % indexes.length]);
            }
            return list;
        }
    }

    @Override
    public Optional<Signal> observe(long index, AuditEvent event, Instant when) {
        return switch (event) {
            case AccessRefused e -> count("source " + e.source(), "", index, when);
            case InferenceDenied e -> principal(e.actor().principal(), index, when);
            case AdminAct e ->
                    e.outcome().equals("denied")
                            ? principal(e.actor().principal(), index, when)
                            : Optional.empty();
            // Asking for a nonce is how every exchange with a proof begins.
            case TokenRefused e ->
                    e.code().equals("use_dpop_nonce")
                            ? Optional.empty()
                            : principal(e.actor().principal(), index, when);
            case AccessRefusals e -> flood(e, index);
            default -> Optional.empty();
        };
    }

    private Optional<Signal> principal(String principal, long index, Instant when) {
        return count("principal " + principal, principal, index, when);
    }

    private Optional<Signal> count(String subject, String principal, long index, Instant when) {
        Burst burst = bursts.computeIfAbsent(subject, _ -> new Burst(config.refusals()));
        long now = when.toEpochMilli();
        if (!burst.add(now, index, now - config.window().toMillis())) {
            return Optional.empty();
        }
        List<Long> evidence = burst.evidence();
        burst.clear();
        return Optional.of(
                new Signal(
                        RULE,
                        "medium",
                        subject,
                        principal,
                        "%d refusals within %ds; %d in that time is the limit"
                                .formatted(
                                        evidence.size(),
                                        config.window().toSeconds(),
                                        config.refusals()),
                        evidence));
    }

    private Optional<Signal> flood(AccessRefusals e, long index) {
        long total = e.countByReason().values().stream().mapToLong(Long::longValue).sum();
        if (total < config.flood()) {
            return Optional.empty();
        }
        return Optional.of(
                new Signal(
                        RULE,
                        "medium",
                        "all sources",
                        "",
                        "%d refusals from %d sources between %s and %s, not recorded one by one"
                                .formatted(total, e.sources(), e.from(), e.until()),
                        List.of(index)));
    }
}
