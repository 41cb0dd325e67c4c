package atlas.control.link;

import atlas.control.enrol.Workload;
import atlas.control.wire.Wire;
import com.fasterxml.jackson.databind.JsonNode;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;

/** Who asked for the state lately, and where they say that they listen. Thread-safe. */
public final class Followers {
    /** After that long without a word a follower counts as away. */
    static final Duration AWAY = Duration.ofSeconds(30);

    private final Clock clock;
    private final ConcurrentSkipListMap<String, Follower> seen = new ConcurrentSkipListMap<>();

    public Followers(Clock clock) {
        this.clock = clock;
    }

    /** One of them; {@code host} and {@code port} are where it listens. */
    public record Follower(Workload workload, String host, int port, Instant seen) {}

    void seen(Workload workload, JsonNode asked) {
        int port = asked.path("port").intValue();
        if (port < 1 || port > 65_535) {
            return;
        }
        String host = Wire.text(asked, "host");
        if (host.isEmpty() || host.length() > 255 || !host.matches("[A-Za-z0-9.:_-]+")) {
            return;
        }
        seen.put(workload.path(), new Follower(workload, host, port, clock.instant()));
    }

    /** When a workload last asked, if it did since this process started. */
    public Optional<Follower> of(Workload workload) {
        return Optional.ofNullable(seen.get(workload.path()));
    }

    /** The nodes that follow now. */
    public List<Follower> nodes() {
        Instant recent = clock.instant().minus(AWAY);
        return seen.values().stream()
                .filter(f -> f.workload().role() == Workload.Role.NODE)
                .filter(f -> !f.seen().isBefore(recent))
                .toList();
    }

    /** Forgets one whose enrolment ended. */
    public void forget(Workload workload) {
        seen.remove(workload.path());
    }
}
