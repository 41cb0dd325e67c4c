package atlas.control;

import atlas.control.store.AlertBook;
import atlas.control.witness.WitnessedJournal;
import atlas.core.AuditEvent.AlertRaised;
import atlas.identity.ApiKeys;
import atlas.identity.ApiKeys.Cadence;
import atlas.journal.Journal;
import atlas.watch.Metrics;
import atlas.watch.Watch;
import atlas.watch.WatchConfig;
import java.time.Clock;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The watch over the journal of a home: its alerts are journaled and filed, its numbers kept. */
final class HomeWatch {
    private static final Logger LOG = LoggerFactory.getLogger(HomeWatch.class);

    private final Journal journal;
    private final AlertBook alerts;
    private final Clock clock;

    private HomeWatch(Journal journal, AlertBook alerts, Clock clock) {
        this.journal = journal;
        this.alerts = alerts;
        this.clock = clock;
    }

    /** A watch that sees every entry from now on. */
    static Watch over(WitnessedJournal witnessed, AlertBook alerts, ApiKeys apiKeys, Clock clock) {
        Journal journal = witnessed.journal();
        HomeWatch home = new HomeWatch(journal, alerts, clock);
        Watch watch = new Watch(WatchConfig.defaults(), clock, home::raised);
        alerts.all().stream()
                .filter(AlertBook.Filed::falsePositive)
                .forEach(filed -> watch.tolerate(filed.alert()));
        remind(watch.metrics(), apiKeys);
        HomeBackups.measure(watch.metrics(), journal, clock);
        journal.onAppended(entry -> watch.observe(entry.index(), entry.event(), entry.when()));
        witnessed.measure(watch.metrics());
        witnessed.begin(home::raised);
        return watch;
    }

    // Runs on a thread of the journal's or its witnesses': the alert is a fact of its own, and is
    // kept.
    private void raised(AlertRaised alert) {
        journal.submit(alert)
                .whenComplete((_, failure) -> {
                    if (failure != null) {
                        LOG.atError()
                                .addKeyValue("alert", alert.alertId())
                                .log("alert not journaled");
                    }
                });
        alerts.file(alert, clock.instant());
    }

    /** How many keys wait to be rotated, for whoever watches numbers. */
    private static void remind(Metrics metrics, ApiKeys apiKeys) {
        for (Cadence.Standing standing : Cadence.Standing.values()) {
            String name = standing.name().toLowerCase(Locale.ROOT);
            metrics.gauge(
                    "atlas_keys_" + name,
                    "API keys that are " + name,
                    () -> apiKeys.standings().getOrDefault(standing, 0));
        }
    }
}
