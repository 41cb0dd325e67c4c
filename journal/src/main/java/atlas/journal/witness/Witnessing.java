package atlas.journal.witness;

import atlas.core.AuditEvent.AlertRaised;
import atlas.journal.Checkpoint;
import atlas.journal.Journal;
import atlas.journal.JournalException;
import atlas.journal.WitnessSettings;
import atlas.tlog.MalformedException;
import atlas.tlog.NoteVerifierKey;
import atlas.tlog.WitnessPolicy;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has a journal's checkpoints cosigned by the witnesses of a policy, beside the journal's own work.
 *
 * <p>Promises: a checkpoint counts as witnessed when the policy's quorum cosigned it, judged by the
 * same code that auditors use, and is then kept in the journal's directory. Too long or too much
 * without a quorum is an alarm and, where so configured, suspends recording until there is one
 * again. A witness that shows a checkpoint which this log's key signed and this log does not have
 * proves a rollback, a fork or a copy: opening refuses, and later on recording is suspended until
 * the next start. A witness that only says so proves nothing, and is what is alarmed about.
 *
 * <p>Thread-safe. Opening asks every witness once, for as long as a witness may take.
 */
public final class Witnessing implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Witnessing.class);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final Journal journal;
    private final NoteVerifierKey log;
    private final WitnessPolicy policy;
    private final WitnessSettings settings;
    private final List<Peer> peers;
    private final Map<Peer, Set<String>> names;
    private final Thread thread;
    private volatile Alarms alarms = new Alarms(_ -> {});
    private volatile boolean closed;
    private volatile boolean quorum;
    private volatile boolean halted;

    /** When the oldest entry without a quorum began to wait; 0 when none does. */
    private volatile long waitingSince;

    /** Whether recording is suspended for want of a quorum; the thread's own. */
    private boolean over;

    private Witnessing(
            Journal journal,
            NoteVerifierKey log,
            WitnessPolicy policy,
            WitnessSettings settings,
            Function<String, WitnessDoor> doors) {
        this.journal = journal;
        this.log = log;
        this.policy = policy;
        this.settings = settings;
        this.names = peers(doors);
        this.peers = List.copyOf(names.keySet());
        this.thread =
                Thread.ofPlatform().daemon(true).name("journal-witnessing").unstarted(this::run);
    }

    /**
     * Opens, and compares what every witness saw last with what is here.
     *
     * @param vkey the log's verifier key
     * @param doors the way to the witness at a URL
     * @throws JournalException when a witness has proof that this log is not what it was, or the
     *     policy can never be met by this log
     */
    public static Witnessing open(
            Journal journal,
            String vkey,
            WitnessPolicy policy,
            WitnessSettings settings,
            Function<String, WitnessDoor> doors) {
        try {
            NoteVerifierKey log = NoteVerifierKey.parse(vkey);
            Witnessing made = new Witnessing(journal, log, policy, settings, doors);
            made.refuseUnmeetable();
            made.compare();
            return made;
        } catch (MalformedException e) {
            throw new JournalException("not a verifier key: " + e.getMessage(), e);
        }
    }

    /** Witnesses with one URL are asked together. */
    private Map<Peer, Set<String>> peers(Function<String, WitnessDoor> doors) {
        Map<String, List<WitnessPolicy.Witness>> byUrl = new LinkedHashMap<>();
        for (WitnessPolicy.Witness witness : policy.witnesses()) {
            witness.url()
                    .ifPresent(
                            url -> byUrl.computeIfAbsent(url, _ -> new ArrayList<>()).add(witness));
        }
        Map<Peer, Set<String>> made = new LinkedHashMap<>();
        byUrl.forEach((url, those) -> {
            List<NoteVerifierKey> keys = those.stream().map(WitnessPolicy.Witness::key).toList();
            Set<String> called = new HashSet<>();
            those.forEach(witness -> called.add(witness.name()));
            String name = those.getFirst().name();
            made.put(new Peer(name, keys, doors.apply(url), journal, log), called);
        });
        return made;
    }

    private void refuseUnmeetable() {
        Set<String> all = new HashSet<>();
        names.values().forEach(all::addAll);
        if (!policy.satisfiedBy(all)) {
            throw new JournalException(
                    "the witness policy cannot be met: its quorum needs witnesses that have no"
                            + " URL in it");
        }
        if (!policy.logs().isEmpty()
                && policy.logs().stream().noneMatch(known -> known.key().equals(log))) {
            throw new JournalException(
                    "the witness policy names other logs than this one; add `log " + log + "`");
        }
    }

    /** Waits for every witness as long as one may take: the slowest may be the one that knows. */
    private void compare() {
        Map<Peer, Finding> found = ask(Peer::compare, Witnessing::contradicted);
        for (Peer peer : peers) {
            if (found.get(peer) instanceof Finding.Contradicts contradiction) {
                keep(contradiction);
                throw new JournalException("refusing to start: " + explain(peer, contradiction));
            }
            LOG.atInfo()
                    .addKeyValue("witness", peer.name())
                    .addKeyValue("entries", peer.size())
                    .addKeyValue("answered", found.containsKey(peer))
                    .log("witness asked");
        }
    }

    private static boolean contradicted(Map<Peer, Finding> found) {
        return found.values().stream().anyMatch(Finding.Contradicts.class::isInstance);
    }

    private Map<Peer, Finding> ask(
            Function<Peer, Finding> question, Predicate<Map<Peer, Finding>> enough) {
        try {
            return Round.ask(peers, question).await(settings.timeout().toNanos(), enough);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Map.of();
        }
    }

    /**
     * Begins to collect.
     *
     * @param told hears every alarm, before what it announces takes effect
     */
    public void start(Consumer<AlertRaised> told) {
        alarms = new Alarms(told);
        thread.start();
    }

    private void run() {
        while (!closed) {
            try {
                turn();
                pause();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (RuntimeException e) {
                LOG.atError().setCause(e).log("a round of witnesses failed");
            }
        }
    }

    private synchronized void pause() throws InterruptedException {
        if (!closed) {
            wait(PAUSE.toMillis());
        }
    }

    private void turn() {
        Checkpoint target = journal.checkpoint();
        if (!halted && target.size() > witnessed()) {
            long began = System.nanoTime();
            if (waitingSince == 0) {
                waitingSince = began;
            }
            if (round(target)) {
                waitingSince = journal.size() > target.size() ? began : 0;
            }
        }
        limits();
    }

    /** Asks everybody about a checkpoint; true when enough cosigned it. */
    private boolean round(Checkpoint target) {
        Map<Peer, Finding> found =
                ask(peer -> peer.cosign(target), so -> policy.satisfiedBy(cosigned(so)));
        StringBuilder note = new StringBuilder(target.note());
        for (Peer peer : peers) {
            Finding finding = found.get(peer);
            if (finding != null) {
                weigh(peer, finding, note);
            }
        }
        quorum = !halted && kept(note.toString());
        return quorum;
    }

    private void weigh(Peer peer, Finding finding, StringBuilder note) {
        String about = "witness " + peer.name();
        switch (finding) {
            case Finding.Cosigned by -> {
                by.lines().forEach(note::append);
                alarms.clear(about);
            }
            case Finding.Absent absent ->
                    LOG.atDebug()
                            .addKeyValue("witness", peer.name())
                            .addKeyValue("why", absent.why())
                            .log("no cosignature");
            case Finding.Misbehaves wrong ->
                    alarms.raise(
                            about,
                            "witness.misbehaves",
                            "medium",
                            "witness `"
                                    + peer.name()
                                    + "` does not keep to the protocol: "
                                    + wrong.why());
            case Finding.Contradicts contradiction -> halt(peer, contradiction);
        }
    }

    private Set<String> cosigned(Map<Peer, Finding> found) {
        Set<String> there = new HashSet<>();
        found.forEach((peer, finding) -> {
            if (finding instanceof Finding.Cosigned) {
                there.addAll(names.getOrDefault(peer, Set.of()));
            }
        });
        return there;
    }

    private boolean kept(String note) {
        try {
            byte[] bytes = note.getBytes(StandardCharsets.UTF_8);
            if (!policy.judge(bytes, Optional.of(log)).quorum()) {
                return false;
            }
            journal.keepWitnessed(note);
            return true;
        } catch (MalformedException e) {
            throw new IllegalStateException("every line was checked when it came", e);
        }
    }

    private void limits() {
        long waiting = waitingSince;
        Duration waited =
                waiting == 0 ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - waiting);
        long entries = unwitnessed();
        if (waiting == 0) {
            alarms.clear("quorum");
        } else if (!quorum && waited.compareTo(settings.maxUnwitnessed().dividedBy(4)) > 0) {
            alarms.raise("quorum", "witness.quorum-missing", "high", missing(entries));
        }
        boolean exceeded =
                waited.compareTo(settings.maxUnwitnessed()) > 0
                        || entries > settings.maxUnwitnessedEntries();
        if (exceeded == over || halted) {
            return;
        }
        over = exceeded;
        if (exceeded) {
            alarms.raise("limit", "witness.limit-exceeded", "high", missing(entries));
            if (settings.whenUnwitnessed() == WitnessSettings.WhenUnwitnessed.REFUSE) {
                journal.suspend(missing(entries));
            }
        } else {
            alarms.clear("limit");
            journal.resume();
        }
    }

    private String missing(long entries) {
        StringBuilder why = new StringBuilder();
        why.append(entries).append(" entries are not under a checkpoint that enough witnesses saw");
        for (Peer peer : peers) {
            String trouble = trouble(peer.last());
            if (!trouble.isEmpty()) {
                why.append("; `").append(peer.name()).append("`: ").append(trouble);
            }
        }
        return why.toString();
    }

    private static String trouble(Finding last) {
        return switch (last) {
            case Finding.Cosigned _ -> "";
            case Finding.Absent absent -> absent.why();
            case Finding.Misbehaves wrong -> wrong.why();
            case Finding.Contradicts it -> "it saw " + it.seen().size() + " other entries";
        };
    }

    /** From here on every entry would be one more on a tree that others saw differently. */
    private void halt(Peer peer, Finding.Contradicts contradiction) {
        if (halted) {
            return;
        }
        halted = true;
        keep(contradiction);
        String why = explain(peer, contradiction);
        String rule =
                switch (contradiction.kind()) {
                    case ROLLED_BACK -> "witness.rolled-back";
                    case FORKED -> "witness.split-view";
                };
        alarms.raise("contradiction", rule, "high", why);
        journal.suspend(why);
    }

    private String explain(Peer peer, Finding.Contradicts it) {
        long here = journal.checkpoint().size();
        String seen = it.seen().size() + " entries with root " + it.seen().root().hex();
        String what =
                switch (it.kind()) {
                    case ROLLED_BACK -> "was rolled back, or a copy of it went on: it has " + here;
                    case FORKED -> "was forked: its own first " + it.seen().size() + " differ";
                };
        return "this journal "
                + what
                + " entries, but witness `"
                + peer.name()
                + "` cosigned "
                + seen
                + ", signed by this journal's key; the signed proof is kept in `"
                + evidence()
                + "`: restore the copy that holds them, or stop the other one";
    }

    private Path evidence() {
        Path directory = journal.directory().toAbsolutePath().normalize();
        return directory.resolveSibling(directory.getFileName() + ".contradicted");
    }

    private void keep(Finding.Contradicts contradiction) {
        try {
            FolderLedger.open(evidence()).accuse(log.name(), contradiction.note());
        } catch (IOException e) {
            LOG.atError()
                    .setCause(e)
                    .addKeyValue("note", new String(contradiction.note(), StandardCharsets.UTF_8))
                    .log("evidence of a contradiction not kept");
        }
    }

    private long witnessed() {
        return journal.witnessed().map(Checkpoint::size).orElse(0L);
    }

    private long unwitnessed() {
        return Math.max(0, journal.size() - witnessed());
    }

    /**
     * How a witness did when it was asked last.
     *
     * @param entries how many entries it saw
     * @param trouble why it did not cosign; empty when it did
     */
    public record Seen(String witness, long entries, String trouble) {}

    /**
     * How the journal stands with its witnesses.
     *
     * @param quorum whether enough cosigned in the last round
     * @param witnessed entries under the last checkpoint with a quorum
     * @param unwitnessed entries that are not
     * @param waited how long the oldest of these has waited
     */
    public record Status(
            boolean quorum, long witnessed, long unwitnessed, Duration waited, List<Seen> seen) {
        public Status {
            seen = List.copyOf(seen);
        }
    }

    /** How it stands now. */
    public Status status() {
        long waiting = waitingSince;
        return new Status(
                quorum,
                witnessed(),
                unwitnessed(),
                waiting == 0 ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - waiting),
                peers.stream()
                        .map(peer -> new Seen(peer.name(), peer.size(), trouble(peer.last())))
                        .toList());
    }

    /** Does not wait for the pause to end before the next round. */
    public synchronized void hurry() {
        notifyAll();
    }

    /** Asks nobody any more; an answer under way is not waited for. */
    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        try {
            if (thread.isAlive()) { // it is not when whoever opened this never came to start it
                thread.join(Duration.ofSeconds(10));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
