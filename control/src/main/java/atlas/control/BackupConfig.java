package atlas.control;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The {@code backup} section: backups that are made by themselves, and who may hold the KEK.
 *
 * @param schedule when and for whom; none are made without it
 * @param kekRecipients files with the only keys that a backup with the key encryption key may be
 *     sealed for; who may ask for backups alone could read everything otherwise
 */
public record BackupConfig(Optional<Schedule> schedule, List<Path> kekRecipients) {
    public BackupConfig {
        kekRecipients = List.copyOf(kekRecipients);
    }

    /**
     * Backups at a fixed interval, each read again at once.
     *
     * @param every an hour to 31 days
     * @param directory where they go, best a mount of another machine
     * @param recipients files with the keys they are sealed for
     * @param threshold how many of those it takes; 1 when absent
     * @param weights whether the sealed models go in; not when absent
     * @param keep how many stay; 7 when absent
     * @param drillIdentities files with identities that open them, for the drill; without, only
     *     signature and bytes are checked here
     */
    public record Schedule(
            Duration every,
            Path directory,
            List<Path> recipients,
            Optional<Integer> threshold,
            Optional<Boolean> weights,
            Optional<Integer> keep,
            Optional<List<Path>> drillIdentities) {
        public Schedule {
            recipients = List.copyOf(recipients);
            drillIdentities = drillIdentities.map(List::copyOf);
            if (every.compareTo(Duration.ofHours(1)) < 0
                    || every.compareTo(Duration.ofDays(31)) > 0) {
                throw new IllegalArgumentException("`every` is between 1h and 31d");
            }
            if (keep.isPresent() && keep.get() < 1) {
                throw new IllegalArgumentException("`keep` is at least 1");
            }
        }
    }

    /** None are made, and the KEK is in none. */
    public static BackupConfig defaults() {
        return new BackupConfig(Optional.empty(), List.of());
    }
}
