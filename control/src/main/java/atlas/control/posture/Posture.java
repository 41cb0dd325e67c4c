package atlas.control.posture;

import atlas.control.store.AlertBook;
import atlas.core.AuditEvent.Actor;
import atlas.core.AuditEvent.AdminAct;
import atlas.core.crypto.KeyUnavailableException;
import atlas.journal.JournalEntry;
import atlas.journal.JournalQuery;
import atlas.posture.Control;
import atlas.posture.Measurement;
import atlas.posture.PostureReport;
import atlas.posture.Rollout;
import atlas.posture.Standing;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How far the rollout has come, by what was measured here. How tasks stood before is read from the
 * journal, where every measurement is an act with its result. Thread-safe; one measurement at a
 * time.
 */
public final class Posture {
    /** What the names of the principals begin with that checks make for themselves. */
    public static final String PRINCIPAL = "posture-drill-";

    /** The action under which the journal has what was measured. */
    private static final String ACTION = "posture.measure";

    /** The member of an act's result that has the standings. */
    private static final String STANDINGS = "standings";

    private static final Logger LOG = LoggerFactory.getLogger(Posture.class);
    private static final Duration VALID_FOR = Duration.ofHours(24);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Surroundings surroundings;
    private final List<Check> checks;
    private final ReentrantLock measuring = new ReentrantLock();
    private final Set<InetAddress> from;
    private volatile @Nullable PostureReport last;

    public Posture(Surroundings surroundings, Facing facing) {
        this(surroundings, facing, EgressCheck.WORLD);
    }

    /** Trying to leave for other addresses, each as {@code HOST PORT}. */
    public Posture(Surroundings surroundings, Facing facing, List<String> world) {
        this.surroundings = surroundings;
        Alarms alarms = new Alarms(surroundings.journal());
        checks =
                List.of(
                        new StrangersCheck(facing),
                        new RolesCheck(facing),
                        new JournalCheck(),
                        new TlsCheck(facing),
                        new SegmentationCheck(),
                        new EgressCheck(world),
                        new InjectionCheck(facing),
                        new SigningCheck(),
                        new CustomerKeyCheck(),
                        // Last: what it provokes may have consequences for who did it.
                        new AnomalyCheck(facing, alarms));
        from = addresses(facing);
    }

    // Keys of a drill work from where its doors are met: from this machine.
    private static Set<InetAddress> addresses(Facing facing) {
        Set<InetAddress> all = new HashSet<>();
        all.add(InetAddress.ofLiteral("127.0.0.1"));
        all.add(InetAddress.ofLiteral("::1"));
        facing.gateway().map(door -> door.at().getAddress()).ifPresent(all::add);
        all.add(facing.control().at().getAddress());
        all.removeIf(InetAddress::isAnyLocalAddress);
        return all;
    }

    /** What was measured last since this process began; what is too old is only claimed. */
    public Optional<PostureReport> last() {
        return Optional.ofNullable(last).map(report -> report.asOf(surroundings.clock().instant()));
    }

    /**
     * Measures now; blocks for seconds.
     *
     * @return empty when somebody else is measuring
     * @throws UncheckedIOException when the journal cannot say how tasks stood before
     */
    public Optional<PostureReport> measure(Rollout rollout) throws InterruptedException {
        if (!measuring.tryLock()) {
            return Optional.empty();
        }
        try (Drill drill = Drill.begin(surroundings, from)) {
            Map<String, Standing> before = before();
            Map<Control, Measurement> found = new EnumMap<>(Control.class);
            for (Check check : checks) {
                found.put(check.control(), measured(check, drill));
            }
            PostureReport report =
                    PostureReport.of(
                            rollout, found, before, surroundings.clock().instant(), VALID_FOR);
            last = report;
            acknowledge();
            return Optional.of(report);
        } finally {
            measuring.unlock();
        }
    }

    /** Measures for whoever starts this installation; the names of the tasks not proven. */
    public List<String> unproven(Rollout rollout, int throughPhase) {
        try {
            PostureReport report =
                    measure(rollout)
                            .orElseThrow(() -> new IllegalStateException("measured twice at once"));
            surroundings
                    .journal()
                    .append(
                            new AdminAct(
                                    "",
                                    Actor.system("start"),
                                    ACTION,
                                    "posture",
                                    "done",
                                    "",
                                    JSON.writeValueAsString(result(report))));
            return report.missing(throughPhase).stream().map(Posture::named).toList();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while measuring", e);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String named(PostureReport.TaskState state) {
        List<String> wrong =
                state.found().map(Measurement::observations).orElse(List.of()).stream()
                        .filter(seen -> !seen.holds())
                        .map(Measurement.Observation::what)
                        .toList();
        String why =
                wrong.isEmpty()
                        ? state.found().map(Measurement::summary).orElse("no check measures it")
                        : String.join(", ", wrong);
        return state.task().text() + " (" + why + ")";
    }

    /** What the journal keeps of a measurement. */
    public static Map<String, Object> result(PostureReport report) {
        Map<String, Object> standings = new LinkedHashMap<>();
        report.standings().forEach((task, standing) -> standings.put(task, standing.wireName()));
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("holds", report.broken().isEmpty());
        result.put(STANDINGS, standings);
        return result;
    }

    /** Alerts about principals of a drill were wanted; nobody has to look at them. */
    private void acknowledge() {
        for (AlertBook.Filed filed : surroundings.evidence().alerts().all()) {
            if (filed.alert().principal().startsWith(PRINCIPAL) && filed.acknowledged().isEmpty()) {
                surroundings
                        .evidence()
                        .alerts()
                        .acknowledge(
                                filed.alert().alertId(), "posture", surroundings.clock().instant());
            }
        }
    }

    private static Measurement measured(Check check, Drill drill) throws InterruptedException {
        try {
            return check.measure(drill);
        } catch (IOException | RuntimeException e) {
            LOG.atWarn()
                    .addKeyValue("control", check.control().wireName())
                    .setCause(e)
                    .log("a control could not be measured");
            String why =
                    e instanceof KeyUnavailableException || e instanceof IOException
                            ? String.valueOf(e.getMessage())
                            : e.getClass().getSimpleName();
            return Measurement.unknown(check.control(), "could not be measured: " + why);
        }
    }

    /** How tasks stood after the measurement before this one. */
    private Map<String, Standing> before() {
        PostureReport known = last;
        if (known != null) {
            return known.standings();
        }
        Optional<JournalEntry> entry =
                surroundings
                        .journal()
                        .search(
                                new JournalQuery(
                                        Optional.of("admin.act"),
                                        Optional.empty(),
                                        Optional.empty(),
                                        Optional.empty(),
                                        Optional.of("done"),
                                        Optional.of(ACTION),
                                        Optional.empty(),
                                        Optional.empty(),
                                        -1,
                                        1,
                                        true))
                        .stream()
                        .findFirst();
        return entry.map(e -> standings(e.json())).orElse(Map.of());
    }

    private static Map<String, Standing> standings(String json) {
        Map<String, Standing> all = new HashMap<>();
        try {
            JsonNode after = JSON.readTree(json).path("after");
            JsonNode result = after.isTextual() ? JSON.readTree(after.asText()) : after;
            for (Map.Entry<String, JsonNode> each : result.path(STANDINGS).properties()) {
                Standing.ofWireName(each.getValue().asText())
                        .ifPresent(standing -> all.put(each.getKey(), standing));
            }
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
        return all;
    }
}
