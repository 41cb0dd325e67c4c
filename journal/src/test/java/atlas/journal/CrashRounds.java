package atlas.journal;

import atlas.core.AuditUnavailableException;
import atlas.core.Digest;
import atlas.journal.Trace.Event;
import atlas.journal.Trace.Kind;
import atlas.journal.store.KeptCheckpoints;
import atlas.tlog.CheckpointText;
import atlas.tlog.MalformedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Crashes without a machine to crash: a journal runs under load on a disk that remembers, then many
 * instants of that run are laid out as a crash would have left them, opened and held against what
 * had been promised until then. Some are crashed again while they recover.
 */
final class CrashRounds {
    private static final int WRITERS = 6;
    private static final int ENTRIES = 360;

    private final Path scratch;
    private final JournalConfig.Mode mode;
    private final Set<Kind> ignored;
    private long rounds;
    private long receipts;
    private long cutBatches;
    private long whileRecovering;

    CrashRounds(Path scratch, JournalConfig.Mode mode) {
        this(scratch, mode, Set.of());
    }

    /** The same on a disk that ignores some calls. */
    CrashRounds(Path scratch, JournalConfig.Mode mode, Set<Kind> ignored) {
        this.scratch = scratch;
        this.mode = mode;
        this.ignored = Set.copyOf(ignored);
    }

    /** In one line. */
    String summary() {
        return rounds
                + " crashes in mode "
                + mode
                + " ("
                + whileRecovering
                + " of them while recovering), "
                + receipts
                + " receipts checked, none lost, "
                + cutBatches
                + " unfinished batches dropped";
    }

    /** One run of a journal and {@code count} crashes of it. */
    void run(long seed, int count) throws Exception {
        Random random = new Random(seed);
        Path home = fresh("live");
        Journals.keys(home);
        Trace trace = new Trace(home);
        live(trace, random.nextLong());
        for (int i = 0; i < count; i++) {
            int instant = random.nextInt(trace.events().size() + 1);
            Wreck.Cause cause = Wreck.Cause.values()[random.nextInt(3)];
            String what = "seed " + seed + " crash " + i + " at " + instant + " by " + cause;
            Trace recovery = round(trace, instant, cause, random.nextLong(), what);
            if (i % 8 == 7) {
                instant = random.nextInt(recovery.events().size() + 1);
                whileRecovering++;
                round(recovery, instant, cause, random.nextLong(), what + ", then at " + instant);
            }
        }
    }

    private Path fresh(String name) throws IOException {
        Path directory = scratch.resolve(name);
        if (Files.exists(directory)) {
            try (Stream<Path> all = Files.walk(directory)) {
                for (Path file : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
        return Files.createDirectories(directory);
    }

    private Journal open(Trace trace) {
        JournalConfig plain = Journals.config(trace.home, mode);
        JournalConfig config =
                new JournalConfig(
                        plain.directory(),
                        plain.origin(),
                        plain.mode(),
                        plain.interval(),
                        Duration.ofMillis(7),
                        60,
                        plain.deadline(),
                        0,
                        8192);
        KeptCheckpoints.Spacing spacing = new KeptCheckpoints.Spacing(15, Duration.ofHours(1));
        return Journal.open(
                config,
                Journals.keys(trace.home),
                Clock.systemUTC(),
                new Opened.Tuning(
                        disk -> new RecordedDisk(disk, trace, ignored), Journals.SEGMENT, spacing));
    }

    /** Writers without a pause; sometimes the journal is closed and opened again between them. */
    private void live(Trace trace, long seed) throws InterruptedException {
        Random random = new Random(seed);
        int starts = 1 + random.nextInt(3);
        for (int start = 0; start < starts; start++) {
            try (Journal journal = open(trace)) {
                List<Thread> writers = new ArrayList<>();
                for (int w = 0; w < WRITERS; w++) {
                    long own = random.nextLong();
                    int count = ENTRIES / WRITERS / starts;
                    writers.add(Thread.startVirtualThread(() -> write(journal, trace, own, count)));
                }
                for (Thread writer : writers) {
                    writer.join();
                }
            }
        }
    }

    private static void write(Journal journal, Trace trace, long seed, int count) {
        Random random = new Random(seed);
        for (int i = 0; i < count; i++) {
            int bytes = random.nextInt(60) == 0 ? 61_000 : random.nextInt(3_000);
            var receipt =
                    journal.append(Facts.act("user-" + random.nextInt(40), "req_" + i, bytes));
            trace.receipt(receipt.index(), receipt.leafHash());
        }
    }

    /** Crashes, opens, writes one entry more, closes; gives what the disk saw of it. */
    private Trace round(Trace trace, int instant, Wreck.Cause cause, long seed, String what)
            throws IOException {
        rounds++;
        Path home = fresh(trace.home.endsWith("wreck") ? "wreck-again" : "wreck");
        new Wreck(trace, instant, cause, seed).layOut(home);
        Path log = home.resolve("journal");
        expectNoFalseAlarm(log, what);
        Map<Long, Digest> promised = promised(trace, instant, cause);
        Trace recovery = new Trace(home);
        recovery.acknowledged.putAll(promised);
        long opened;
        try (Journal journal = open(recovery)) {
            opened = journal.size();
            cutBatches +=
                    journal.health().notes().stream()
                            .filter(note -> note.contains("interrupted"))
                            .count();
            expectReadable(journal, promised, what);
            var receipt = journal.append(Facts.act("after", "req_after", 10));
            recovery.receipt(receipt.index(), receipt.leafHash());
        } catch (JournalException | AuditUnavailableException e) {
            throw new AssertionError(what + ": " + e.getMessage(), e);
        }
        if (!(JournalVerifier.verify(log, Optional.empty()) instanceof Verification.Holds holds)) {
            throw new AssertionError(what + ": " + JournalVerifier.verify(log, Optional.empty()));
        }
        receipts += promised.size();
        Promised.expect(log, holds.size(), promised, what);
        expectNothingTakenBack(trace, instant, log, opened, what);
        return recovery;
    }

    /** What was acknowledged can be opened: its key is there, too. */
    private static void expectReadable(Journal journal, Map<Long, Digest> promised, String what) {
        List<Long> all = List.copyOf(promised.keySet());
        for (Long index : all.subList(Math.max(0, all.size() - 5), all.size())) {
            if (journal.entry(index).isEmpty()) {
                throw new AssertionError(what + ": entry " + index + " cannot be read");
            }
        }
    }

    /** A wreck is no forgery: until it is opened, too, it holds or has no checkpoint yet. */
    private static void expectNoFalseAlarm(Path log, String what) {
        Verification verification = JournalVerifier.verify(log, Optional.empty());
        boolean begun = Files.exists(log.resolve("checkpoint"));
        if (begun && !(verification instanceof Verification.Holds)) {
            throw new AssertionError(what + ", before it was opened: " + verification);
        }
    }

    /** Receipts that must outlive this crash. */
    private Map<Long, Digest> promised(Trace trace, int instant, Wreck.Cause cause) {
        Map<Long, Digest> promised = new TreeMap<>(trace.acknowledged);
        List<Event> events = trace.events().subList(0, instant);
        int until = instant;
        if (mode == JournalConfig.Mode.INTERVAL && cause != Wreck.Cause.KILLED) {
            // What was acknowledged before the last finished force of all began was in it.
            until = 0;
            for (int i = 0; i < events.size(); i++) {
                Event event = events.get(i);
                if (event.kind == Kind.FORCE
                        && event.path.startsWith("journal/wal")
                        && event.ended <= instant) {
                    until = i;
                }
            }
        }
        for (Event event : events.subList(0, until)) {
            if (event.kind == Kind.RECEIPT) {
                promised.put(event.at, Digest.of(event.bytes));
            }
        }
        return promised;
    }

    /** A checkpoint that anybody may have seen is one of a beginning of this log. */
    private static void expectNothingTakenBack(
            Trace trace, int instant, Path log, long opened, String what) throws IOException {
        TileRoots roots = new TileRoots(Journals.store(log));
        for (Event event : trace.events().subList(0, instant)) {
            if (event.kind != Kind.REPLACE || !event.path.endsWith("journal/checkpoint")) {
                continue;
            }
            String note = new String(event.bytes, StandardCharsets.UTF_8);
            try {
                CheckpointText shown =
                        CheckpointText.parse(note.substring(0, note.indexOf("\n\n") + 1));
                if (shown.size() > opened
                        || !roots.root(shown.size(), opened + 1).equals(shown.root())) {
                    throw new AssertionError(
                            what
                                    + ": the checkpoint of "
                                    + shown.size()
                                    + " entries was taken back");
                }
            } catch (MalformedException e) {
                throw new AssertionError(what, e);
            }
        }
    }
}
