package atlas.watch;

import atlas.core.AuditEvent;
import atlas.core.AuditEvent.AlertRaised;
import atlas.core.Principal;
import atlas.core.crypto.Hashes;
import atlas.watch.behaviour.Activity;
import atlas.watch.behaviour.Behaviour;
import atlas.watch.behaviour.Finding;
import atlas.watch.behaviour.Places;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Observes what is recorded and says what looks wrong.
 *
 * <p>{@link #observe} takes constant time and bounded memory, keeps no text, and never throws for
 * what a fact contains; a new alert is handed to the consumer on the calling thread, after the lock
 * is released. Alerts about alerts are not raised, so the consumer may record what it is handed.
 * Thread-safe.
 */
public final class Watch {
    private final WatchConfig config;
    private final Clock clock;
    private final Consumer<AlertRaised> onAlert;
    private final Metrics metrics;
    private final TokenSpikeDetector tokenSpike;
    private final List<Detector> detectors;
    private final ActivityFeed feed = new ActivityFeed();
    private final Behaviour behaviour;
    // Both guarded by this.
    private final Map<String, Alert> alerts = new LinkedHashMap<>();
    private final Recent<String, String> openBySubject;

    public Watch(WatchConfig config, Clock clock, Consumer<AlertRaised> onAlert) {
        this.config = config;
        this.clock = clock;
        this.onAlert = onAlert;
        this.openBySubject = new Recent<>(config.keptAlerts());
        this.tokenSpike = new TokenSpikeDetector(config.tokenSpike(), config.subjects());
        this.detectors =
                List.of(
                        new DeniedBurstDetector(config.deniedBurst(), config.subjects()),
                        new KeySharingDetector(config.keySharing(), config.subjects()),
                        tokenSpike);
        this.behaviour = new Behaviour(config.subjects(), Places.countries());
        this.metrics = new Metrics();
        metrics.counter(
                "atlas_watch_shifts",
                "Findings not raised because many principals of a tenant changed at once",
                this::shifts);
        metrics.gauge(
                "atlas_watch_warming_principals",
                "Principals seen whose usual is not yet known",
                this::warming);
        metrics.gauge(
                "atlas_watch_open_alerts",
                "Alerts kept that nobody has acknowledged",
                this::unacknowledged);
    }

    /** Takes in one durable fact, in journal order. */
    public void observe(long index, AuditEvent event, Instant when) {
        if (event instanceof AlertRaised) {
            return;
        }
        List<AlertRaised> raised = new ArrayList<>(0);
        synchronized (this) {
            for (Detector detector : detectors) {
                detector.observe(index, event, when)
                        .flatMap(signal -> fold(signal, tenant(event), when))
                        .ifPresent(raised::add);
            }
            Optional<Activity> act = feed.act(index, event, when);
            if (act.isPresent()) {
                for (Finding finding : behaviour.observe(act.get())) {
                    fold(signal(finding), finding.tenant(), when).ifPresent(raised::add);
                }
            }
        }
        for (AlertRaised alert : raised) {
            metrics.alertRaised(alert.rule());
            onAlert.accept(alert);
        }
    }

    private static Signal signal(Finding finding) {
        return new Signal(
                finding.rule(),
                finding.severity(),
                finding.subject(),
                finding.principal(),
                finding.explanation(),
                finding.evidence());
    }

    /** The alerts kept, newest first. */
    public synchronized List<Alert> alerts() {
        return List.copyOf(alerts.values()).reversed();
    }

    /** Notes that somebody has seen an alert; empty when there is no such alert. */
    public synchronized Optional<Alert> ack(String id, String by) {
        Alert alert = alerts.get(id);
        if (alert == null) {
            return Optional.empty();
        }
        if (alert.acknowledgedBy().isEmpty()) {
            alert = alert.acknowledged(by, clock.instant());
            alerts.put(id, alert);
        }
        return Optional.of(alert);
    }

    /** An alert was none: its rule is to be slower to speak of this principal. */
    public synchronized void tolerate(AlertRaised alert) {
        behaviour.tolerate(alert.rule(), alert.tenant(), alert.principal());
    }

    /** The numbers, for the processes to add to and for scraping. */
    public Metrics metrics() {
        return metrics;
    }

    // Holds the lock.
    private Optional<AlertRaised> fold(Signal signal, String tenant, Instant when) {
        String subject =
                signal.rule()
                        + "|"
                        + (tenant.equals(Principal.DEFAULT_TENANT) ? "" : tenant + "|")
                        + signal.subject();
        String openId = openBySubject.get(subject);
        Alert open = openId == null ? null : alerts.get(openId);
        if (open != null && when.isBefore(open.last().plus(config.cooldown()))) {
            alerts.put(open.id(), open.seenAgain(when));
            return Optional.empty();
        }
        String id =
                "alr_"
                        + Hashes.sha256(subject + "|" + signal.evidence().getFirst())
                                .hex()
                                .substring(0, 20);
        Alert alert =
                new Alert(
                        id,
                        signal.rule(),
                        signal.severity(),
                        signal.subject(),
                        signal.principal(),
                        signal.explanation(),
                        signal.evidence(),
                        when,
                        when,
                        1,
                        Optional.empty(),
                        Optional.empty());
        if (alerts.size() >= config.keptAlerts()) {
            forgetOne();
        }
        alerts.put(id, alert);
        openBySubject.put(subject, id);
        return Optional.of(
                new AlertRaised(
                        id,
                        signal.rule(),
                        signal.severity(),
                        tenant,
                        signal.principal().isEmpty() ? signal.subject() : signal.principal(),
                        signal.subject() + ": " + signal.explanation(),
                        signal.evidence()));
    }

    /** Of whom the fact speaks that made a detector speak. */
    private static String tenant(AuditEvent event) {
        return switch (event) {
            case AuditEvent.InferenceIntent e -> e.actor().tenant();
            case AuditEvent.InferenceOutcome e -> e.actor().tenant();
            case AuditEvent.InferenceDenied e -> e.actor().tenant();
            case AuditEvent.TokenIssued e -> e.actor().tenant();
            case AuditEvent.TokenRefused e -> e.actor().tenant();
            case AuditEvent.AdminAct e -> e.actor().tenant();
            default -> Principal.DEFAULT_TENANT;
        };
    }

    // The oldest somebody has seen; if nobody has seen any, the oldest.
    private void forgetOne() {
        String victim =
                alerts.values().stream()
                        .filter(a -> a.acknowledgedBy().isPresent())
                        .map(Alert::id)
                        .findFirst()
                        .orElseGet(() -> alerts.keySet().iterator().next());
        alerts.remove(victim);
    }

    private synchronized double shifts() {
        return behaviour.shifts();
    }

    private synchronized double warming() {
        return tokenSpike.warming();
    }

    private synchronized double unacknowledged() {
        return alerts.values().stream().filter(a -> a.acknowledgedBy().isEmpty()).count();
    }
}
