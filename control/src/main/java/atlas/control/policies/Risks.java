package atlas.control.policies;

import atlas.control.store.AlertBook.Filed;
import atlas.core.Principal;
import atlas.policy.Circumstances.Risk;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * How risky principals look: by alerts of the last day that nobody has said to have seen, high
 * while one of them is high, elevated while one is medium. So an act that rests on it ends by
 * itself, and at once when somebody acknowledges the alert. Thread-safe; asking takes no lock.
 */
public final class Risks {
    private static final Duration LASTS = Duration.ofHours(24);

    private final Clock clock;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private volatile Map<Who, Mark> marks = Map.of();

    public Risks(Clock clock) {
        this.clock = clock;
    }

    /** A principal, by the names that are unique together. */
    public record Who(String tenant, String principal) {}

    /** Until when somebody is at high, and until when at elevated risk; the past for never. */
    public record Mark(Instant high, Instant elevated) {
        Risk at(Instant now) {
            if (now.isBefore(high)) {
                return Risk.HIGH;
            }
            return now.isBefore(elevated) ? Risk.ELEVATED : Risk.NORMAL;
        }
    }

    /** How risky a principal looks now. */
    public Risk of(Principal principal) {
        Mark mark = marks.get(new Who(principal.tenant(), principal.id()));
        return mark == null ? Risk.NORMAL : mark.at(clock.instant());
    }

    /** Everybody who was marked, some of them perhaps no longer. */
    public Map<Who, Mark> marks() {
        return marks;
    }

    /** Takes what another, who saw the alerts, has marked. */
    public void take(Map<Who, Mark> others) {
        if (!others.equals(marks)) {
            marks = Map.copyOf(others);
            listeners.forEach(Runnable::run);
        }
    }

    /** Marks principals by alerts, in place of all that was marked before. */
    public void judge(List<Filed> alerts) {
        Instant now = clock.instant();
        Map<Who, Mark> judged = new HashMap<>();
        for (Filed filed : alerts) {
            Instant until = filed.raised().plus(LASTS);
            Optional<Risk> risk = risk(filed);
            if (risk.isPresent() && now.isBefore(until)) {
                Mark mark =
                        risk.get() == Risk.HIGH
                                ? new Mark(until, Instant.EPOCH)
                                : new Mark(Instant.EPOCH, until);
                judged.merge(
                        new Who(filed.alert().tenant(), filed.alert().principal()),
                        mark,
                        Risks::later);
            }
        }
        take(judged);
    }

    /** Runs {@code listener} after every change; it must not block and does not throw. */
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }

    private static Optional<Risk> risk(Filed filed) {
        if (filed.acknowledgedBy().isPresent()) {
            return Optional.empty();
        }
        return switch (filed.alert().severity()) {
            case "high" -> Optional.of(Risk.HIGH);
            case "medium" -> Optional.of(Risk.ELEVATED);
            default -> Optional.empty();
        };
    }

    private static Mark later(Mark one, Mark other) {
        return new Mark(later(one.high, other.high), later(one.elevated, other.elevated));
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }
}
