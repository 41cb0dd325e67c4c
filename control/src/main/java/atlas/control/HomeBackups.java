package atlas.control;

import atlas.backup.BackupException;
import atlas.backup.BackupRecipient;
import atlas.control.BackupConfig.Schedule;
import atlas.control.backup.BackupAges;
import atlas.control.backup.BackupSchedule;
import atlas.control.backup.Wish;
import atlas.journal.Journal;
import atlas.runtime.Lifecycle;
import atlas.watch.Metrics;
import java.time.Clock;
import java.util.List;
import java.util.Optional;

/** The backups a control plane makes by itself, and their numbers. */
final class HomeBackups {
    private static final int KEPT = 7;

    /**
     * Whom alone a backup with the key encryption key may be for.
     *
     * @throws TrustRootException when a file holds no such key
     */
    static List<BackupRecipient> mayHoldKek(BackupConfig config) {
        try {
            return BackupSchedule.keys(config.kekRecipients());
        } catch (BackupException e) {
            throw new TrustRootException("`backup.kek-recipients`: " + e.getMessage(), e);
        }
    }

    /** Numbers of all backups, whoever asked for them. */
    static void measure(Metrics metrics, Journal journal, Clock clock) {
        BackupAges ages = BackupAges.of(journal, clock);
        metrics.gauge("atlas_backup_age_seconds", "Since a backup was last made", ages::sinceMade);
        metrics.gauge(
                "atlas_backup_verified_age_seconds",
                "Since a backup was last read again and held",
                ages::sinceHeld);
    }

    private HomeBackups() {}

    /** Starts what the home's configuration asks for. */
    static AutoCloseable start(TrustRoot trust, Clock clock) {
        return start(trust.config().keeping().backups().schedule(), trust, clock);
    }

    /**
     * Starts what is asked for.
     *
     * @throws TrustRootException when the keys it names are none
     */
    static AutoCloseable start(Optional<Schedule> wanted, TrustRoot trust, Clock clock) {
        Lifecycle owned = new Lifecycle();
        if (wanted.isPresent()) {
            BackupSchedule schedule =
                    owned.own(
                            BackupSchedule.start(
                                    plan(wanted.get(), trust),
                                    trust.backups(),
                                    trust.journal(),
                                    clock));
            trust.watch()
                    .metrics()
                    .counter(
                            "atlas_backup_failures",
                            "Scheduled backups that were not made, or did not hold",
                            schedule::failures);
        }
        return owned;
    }

    private static BackupSchedule.Plan plan(Schedule wanted, TrustRoot trust) {
        try {
            return new BackupSchedule.Plan(
                    wanted.every(),
                    wanted.directory(),
                    new Wish(
                            BackupSchedule.recipients(
                                    wanted.recipients(), wanted.threshold().orElse(1)),
                            wanted.weights().orElse(false),
                            false),
                    wanted.keep().orElse(KEPT),
                    BackupSchedule.identities(wanted.drillIdentities().orElse(List.of())),
                    trust.folder("staging"));
        } catch (BackupException e) {
            throw new TrustRootException("`backup.schedule`: " + e.getMessage(), e);
        }
    }
}
