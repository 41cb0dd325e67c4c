package atlas.journal;

import atlas.journal.shared.SharedLog;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The {@code journal} section of the configuration: how a journal is kept, wherever it lies.
 *
 * @param mode {@code always} forces an entry to the disk before its receipt; {@code interval} at
 *     most {@code syncInterval} after it, which is what a power cut may then lose
 * @param syncInterval mode {@code interval} only; 1 ms to 1 s
 * @param checkpointInterval the longest time a durable entry waits for a signed checkpoint; at most
 *     a minute
 * @param checkpointEvery entries after which a checkpoint is signed without waiting
 * @param deadline how long an entry may take to become durable before its writer is told no
 * @param reserveBytes free space that is never used up; below it entries are refused
 * @param witnesses who else has to see its checkpoints
 * @param retention how long entries are kept before they are removed; at least a day, and for ever
 *     when not set
 * @param legalHold keeps every entry, whatever else is said
 * @param exporters other systems that get the entries
 * @param shared the log recorded into together with others, in place of one of its own
 * @param mlDsa whether checkpoints are signed with ML-DSA-44, too
 */
public record JournalSettings(
        JournalConfig.Mode mode,
        Duration syncInterval,
        Duration checkpointInterval,
        int checkpointEvery,
        Duration deadline,
        long reserveBytes,
        WitnessSettings witnesses,
        Optional<Duration> retention,
        boolean legalHold,
        List<ExporterSettings> exporters,
        Optional<SharedLog> shared,
        boolean mlDsa) {
    private static final Duration SHORTEST_RETENTION = Duration.ofDays(1);
    private static final Duration LONGEST_SYNC = Duration.ofSeconds(1);
    private static final Duration LONGEST_CHECKPOINT = Duration.ofMinutes(1);

    public JournalSettings {
        exporters = List.copyOf(exporters);
        within("sync-interval", syncInterval, LONGEST_SYNC);
        within("checkpoint-interval", checkpointInterval, LONGEST_CHECKPOINT);
        within("deadline", deadline, LONGEST_CHECKPOINT);
        if (retention.isPresent() && retention.get().compareTo(SHORTEST_RETENTION) < 0) {
            throw new IllegalArgumentException("`retention` is at least 1d");
        }
        if (shared.isPresent() && (mode != JournalConfig.Mode.ALWAYS || retention.isPresent())) {
            throw new IllegalArgumentException(
                    "a `shared` journal is recorded in mode `always` and keeps all of its entries:"
                            + " leave out `mode` and `retention`");
        }
        if (mlDsa && shared.flatMap(SharedLog::verifierKey).isPresent()) {
            throw new IllegalArgumentException(
                    "who only records into a `shared` journal signs nothing: leave out `ml-dsa`");
        }
        if (checkpointEvery < 1 || reserveBytes < 0) {
            throw new IllegalArgumentException(
                    "`checkpoint-every` is at least 1 and `reserve-bytes` not negative");
        }
    }

    private static void within(String key, Duration value, Duration longest) {
        if (value.compareTo(Duration.ofMillis(1)) < 0 || value.compareTo(longest) > 0) {
            throw new IllegalArgumentException(
                    "`" + key + "` is between 1ms and " + longest.toSeconds() + "s");
        }
    }

    /** An fsync before every receipt, a checkpoint each second. */
    public static JournalSettings defaults() {
        JournalConfig usual = JournalConfig.defaults(Path.of(""), "log");
        return new JournalSettings(
                usual.mode(),
                usual.interval(),
                usual.checkpointInterval(),
                usual.checkpointEvery(),
                usual.deadline(),
                usual.reserveBytes(),
                WitnessSettings.defaults(),
                Optional.empty(),
                false,
                List.of(),
                Optional.empty(),
                false);
    }

    /**
     * Opens the journal they describe.
     *
     * @param directory its own, in either case
     * @throws JournalException as {@link Journal#open} and {@link Journal#join} do
     */
    public Journal open(Path directory, JournalKeys keys, Clock clock) {
        JournalConfig config = journal(directory, keys.origin());
        JournalKeys signing = mlDsa ? keys.signingTwice(clock) : keys;
        if (shared.isPresent()) {
            Journal joined = Journal.join(config, signing, shared.get(), clock);
            return signing.signs() && joined.size() == 0
                    ? chartered(joined, signing, true)
                    : joined;
        }
        boolean twiceBefore = Files.exists(new Layout(directory).secondVerifierKey());
        if (twiceBefore && !mlDsa) {
            // The log itself says that less is demanded of it, while it still does as demanded.
            chartered(Journal.open(config, keys.signingTwice(clock), clock), keys, false).close();
        }
        Journal opened = Journal.open(config, signing, clock);
        return mlDsa && !twiceBefore ? chartered(opened, signing, false) : opened;
    }

    /** Says in the log what a checker has to demand of it. */
    private static Journal chartered(Journal journal, JournalKeys keys, boolean shared) {
        try {
            journal.append(keys.charter(shared));
            return journal;
        } catch (RuntimeException e) {
            journal.close();
            throw e;
        }
    }

    /** What they mean for the journal in this directory. */
    public JournalConfig journal(Path directory, String origin) {
        return new JournalConfig(
                directory,
                origin,
                mode,
                syncInterval,
                checkpointInterval,
                checkpointEvery,
                deadline,
                reserveBytes,
                JournalConfig.defaults(directory, origin).maxPending());
    }
}
