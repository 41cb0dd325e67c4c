package atlas.journal;

import atlas.core.AuditEvent;
import atlas.core.AuditLog;
import atlas.core.AuditUnavailableException;
import atlas.core.Digest;
import atlas.core.crypto.Hashes;
import atlas.core.crypto.KeyUnavailableException;
import atlas.core.json.AuditJson;
import atlas.journal.search.SearchIndex;
import atlas.journal.shared.SharedLog;
import atlas.journal.store.SharedShelf;
import atlas.journal.store.TileStore;
import atlas.tlog.TlogProof;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The journal: every fact sealed, given its place, made durable, and proved by a signed tree.
 *
 * <p>The way of a fact: {@link #submit} seals it on the caller's thread and puts it into a bounded
 * queue; the {@link Committer} writes what waits as one frame of the write-ahead log, forces it and
 * completes the receipts; the {@link Publisher} brings it into tiles and bundles and signs a
 * checkpoint; only then the write-ahead segment goes.
 *
 * <p>Promises: a receipt means the entry is on the disk (mode {@code ALWAYS}) and has this place
 * for ever. Refuses, by failing the future, when the queue is full, the disk slow, the volume at
 * its reserve, the journal failed or closed; what was refused may still turn up in the log when its
 * write was under way. A failed write or fsync ends all recording until the journal is opened anew;
 * reading goes on. Thread-safe. Submitting never blocks on I/O; reading does.
 */
public final class Journal implements AuditLog, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Journal.class);

    /** JSON that is read at once, and an entry. */
    private static final long MOST_CHARS = 4 << 20;

    private static final Duration CLOSING = Duration.ofSeconds(30);

    private final JournalConfig config;
    private final JournalKeys keys;
    private final Sealing sealing;
    private final Ground ground;
    private final Standing standing;
    private final Condition condition;
    private final Intake intake;
    private final SearchIndex search;
    private final SubjectKeys subjects;
    private final Erasures erasures;
    private final TileStore store;
    private final Committer committer;
    private final Publishing publisher;
    private final Watchdog watchdog;
    private final Listeners listeners = new Listeners();
    private final ExecutorService blobs =
            Executors.newFixedThreadPool(
                    2, Thread.ofPlatform().daemon(true).name("journal-blobs-", 0).factory());
    private final Thread committerThread;
    private final Thread publisherThread;
    private final Thread watchdogThread;
    private final Thread indexThread;
    private final Retention retention;

    private Journal(JournalConfig config, JournalKeys keys, Clock clock, Ground ground) {
        this.config = config;
        this.keys = keys;
        this.ground = ground;
        this.sealing = new Sealing(config, keys, clock, ground);
        this.standing = ground.standing();
        this.condition = new Condition(config.deadline(), ground);
        this.search = ground.search();
        this.store = ground.store();
        this.intake = new Intake(config.maxPending());
        this.publisher = ground.publishing(config, this::poison);
        this.committer = new Committer(config, ground, intake, this::durable, this::poison);
        this.watchdog = new Watchdog(config, committer, intake, ground);
        this.subjects = ground.subjects();
        this.erasures = new Erasures(ground, keys, this, clock, this::poison);
        this.committerThread = thread("journal-committer", committer);
        this.publisherThread = thread("journal-publisher", publisher);
        this.watchdogThread = thread("journal-watchdog", watchdog);
        this.indexThread = thread("journal-index", this::mendIndex);
        this.retention = new Retention(ground);
    }

    private static Thread thread(String name, Runnable task) {
        return Thread.ofPlatform().daemon(true).name(name).unstarted(task);
    }

    /**
     * Opens a journal, or begins one, and recovers what a crash left.
     *
     * @throws JournalException when the directory is in use, belongs to another key, was damaged or
     *     rolled back; the message says what and where, and nothing was changed but what recovery
     *     may do over again
     */
    public static Journal open(JournalConfig config, JournalKeys keys, Clock clock) {
        return open(config, keys, clock, Opened.Tuning.standard());
    }

    static Journal open(JournalConfig config, JournalKeys keys, Clock clock, Opened.Tuning tuning) {
        return begin(config, keys, clock, Opened.open(config, keys, tuning));
    }

    /**
     * Opens a journal that records into a log shared with others. The directory keeps only what can
     * be made anew; {@code keys} may be such that record and do not sign.
     *
     * <p>As with a journal of one's own a receipt means that the entry is durable and has this
     * place for ever. While the database is away entries are refused, and taken again as soon as it
     * is back. What others recorded is read as `sealed`; entries are read once a checkpoint covers
     * them, so reading may wait for the next.
     *
     * @throws JournalException when the database or the store is not there, not fit, or not what it
     *     was; the message says which
     */
    public static Journal join(
            JournalConfig config, JournalKeys keys, SharedLog shared, Clock clock) {
        return join(config, keys, shared, clock, shelf -> shelf);
    }

    static Journal join(
            JournalConfig config,
            JournalKeys keys,
            SharedLog shared,
            Clock clock,
            UnaryOperator<SharedShelf> between) {
        return begin(config, keys, clock, SharedGround.open(config, keys, shared, clock, between));
    }

    private static Journal begin(
            JournalConfig config, JournalKeys keys, Clock clock, Ground ground) {
        Journal journal = new Journal(config, keys, clock, ground);
        journal.committerThread.start();
        journal.publisherThread.start();
        journal.watchdogThread.start();
        try {
            journal.erasures.resume();
        } catch (RuntimeException | Error e) {
            journal.close();
            throw e;
        }
        journal.indexThread.start();
        LOG.atInfo()
                .addKeyValue("origin", config.origin())
                .addKeyValue("entries", journal.size())
                .log("journal open");
        return journal;
    }

    @Override
    public CompletableFuture<Receipt> submit(AuditEvent event) {
        String refusal = condition.refusal();
        if (refusal != null) {
            return refused(refusal, null);
        }
        byte[] json = AuditJson.bytes(event);
        if (!intake.reserve(json.length)) {
            return refused("more entries wait for the journal than it may hold", null);
        }
        Sealing.Sealed made;
        try {
            made = sealing.seal(event, json);
        } catch (RuntimeException e) {
            intake.release(json.length);
            return refused("the entry could not be sealed", e);
        }
        // Looked at again after the reservation: the committer leaves only when none is open.
        String late = condition.refusal();
        if (late != null) {
            intake.release(json.length);
            return refused(late, null);
        }
        Pending pending = made.pending();
        if (pending.payload.blob()) {
            intake.stage(pending);
            blobs.execute(() -> keepApart(pending, made.bytes()));
        } else {
            intake.put(pending);
        }
        return pending.future;
    }

    /** Forgets the keys of entries: the vault was told to give them out no more. */
    public void forgetKeys() {
        subjects.forget();
    }

    /** Writes a big payload before its entry, so that no entry ever names what is not there. */
    private void keepApart(Pending pending, byte[] sealed) {
        try {
            store.writeBlob(Digest.of(pending.payload.bytes()), sealed);
            intake.put(pending);
            intake.unstage(pending);
        } catch (IOException | RuntimeException e) {
            if (!ground.payloadsFailAlone()) {
                poison(e);
                return;
            }
            intake.unstage(pending);
            if (pending.claim()) {
                pending.refuse("the entry's payload could not be stored: " + e.getMessage());
            }
            intake.release(pending.payload.cost());
        }
    }

    /** The first entry that is still there. */
    public long first() {
        return standing.first;
    }

    Retention retention() {
        return retention;
    }

    RetentionRecord retentionRecord() {
        try {
            return RetentionRecord.read(ground.retention(), keys.verifierKey());
        } catch (IOException e) {
            throw new JournalException("the record of retention cannot be read", e);
        }
    }

    JournalKeys keys() {
        return keys;
    }

    private void mendIndex() {
        try {
            if (standing.first > 0) {
                retention.remove(standing.first);
            }
            search.mend();
        } catch (IOException | RuntimeException e) {
            LOG.atWarn().setCause(e).log("search index not mended; a search may take longer");
        }
    }

    private static CompletableFuture<Receipt> refused(String why, @Nullable Throwable cause) {
        return CompletableFuture.failedFuture(new AuditUnavailableException(why, cause));
    }

    private void durable(long firstIndex, List<Pending> batch) {
        publisher.appended(standing.size);
        listeners.tell(firstIndex, batch);
    }

    private void poison(Throwable cause) {
        if (standing.fail(cause)) {
            LOG.atError().setCause(cause).log("journal failed; nothing more is recorded");
            publisher.fail(cause);
            watchdog.look();
            intake.wake();
        }
    }

    /**
     * Tells {@code listener} of every fact from now on, in order, after it is durable, on a thread
     * of the journal's own. A listener too slow misses facts (see {@link JournalHealth#unheard}).
     */
    public void onAppended(Consumer<Appended> listener) {
        listeners.add(listener);
    }

    /**
     * Tells {@code listener} of every gap in an emitter's numbers that is found while entries are
     * brought into the tree here, on a thread of its own; those found since opening first.
     */
    public void onGap(Consumer<EmitterGap> listener) {
        standing.gaps.onGap(listener);
    }

    /** The first gaps found since this was opened; how many in all is in {@link #health}. */
    public List<EmitterGap> gaps() {
        return standing.gaps.found();
    }

    /** Durable entries. */
    public long size() {
        return standing.size;
    }

    /** The last published checkpoint; entries of the last second may not be under it. */
    public Checkpoint checkpoint() {
        return standing.checkpoint;
    }

    /**
     * Publishes a checkpoint over everything durable now, and waits for it.
     *
     * @throws JournalException when the journal failed or is closed
     */
    public Checkpoint checkpointNow() {
        if (standing.size == standing.checkpoint.size()) {
            return standing.checkpoint;
        }
        if (standing.closed || standing.failure() != null) {
            throw new JournalException("no checkpoint: " + condition.detail());
        }
        return published();
    }

    private Checkpoint published() {
        try {
            return publisher.request().join();
        } catch (CompletionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new JournalException("no checkpoint: " + cause.getMessage(), cause);
        }
    }

    /**
     * The last published checkpoint, looked for anew where others publish, too: no older than any
     * that was shown to anybody before this was called.
     *
     * @throws JournalException when it cannot be looked for
     */
    public Checkpoint newestCheckpoint() {
        if (!ground.readsAhead()) {
            published();
            published(); // what answered the first may have looked before it was asked
        }
        return standing.checkpoint;
    }

    /**
     * Reads and opens an entry; one that retention removed is not there.
     *
     * @throws JournalException when it is there but cannot be read or opened
     */
    public Optional<JournalEntry> entry(long index) {
        if (index < standing.first || index >= standing.size) {
            return Optional.empty();
        }
        awaitReadable(index + 1);
        return Optional.of(reader().open(index));
    }

    /**
     * What can be shown of an entry to somebody who holds no key; empty when it makes no statement,
     * is not there, or was erased.
     *
     * @throws JournalException when it is there but cannot be read or opened
     */
    public Optional<JournalEntry.Evidence> evidence(long index) {
        Optional<JournalEntry> entry = entry(index);
        if (entry.isEmpty()) {
            return Optional.empty();
        }
        EntryReader reader = reader();
        return reader.committed(index)
                .map(committed ->
                        new JournalEntry.Evidence(
                                entry.get(),
                                reader.sealed(index),
                                committed.salt(),
                                committed.statement()));
    }

    /** The note that signs for these parts of a receipt, for {@link ReceiptVerifier}. */
    public String signReceipt(String requestId, List<JournalEntry.Evidence> parts) {
        List<ReceiptNote.Line> lines =
                parts.stream()
                        .map(part ->
                                new ReceiptNote.Line(
                                        ReceiptNote.part(part.opened().kind()),
                                        part.opened().index(),
                                        part.opened().leafHash(),
                                        Hashes.sha256(part.statement())))
                        .toList();
        return keys.signer().sign(new ReceiptNote(keys.origin(), requestId, lines).text());
    }

    /**
     * Reads and opens entries, in order and without a gap, from {@code from} on or from the first
     * that retention has left: at most {@code most}, fewer where the log ends and where they are
     * large, for prompts and answers are in them. Needs no index.
     *
     * @throws JournalException when one is there but cannot be read or opened
     */
    public List<JournalEntry> entries(long from, int most) {
        long begin = Math.max(standing.first, from);
        long end = Math.min(standing.size, begin + most);
        awaitReadable(end);
        EntryReader reader = reader();
        List<JournalEntry> entries = new ArrayList<>();
        long chars = 0;
        for (long index = begin; index < end && chars < MOST_CHARS; index++) {
            JournalEntry entry = reader.open(index);
            entries.add(entry);
            chars += entry.json().length();
        }
        return entries;
    }

    /** What {@link #find} finds, alone. */
    public List<JournalEntry> search(JournalQuery query) {
        return find(query).entries();
    }

    /**
     * Searches. Kind, principal, request id, model, outcome and time are looked up in the blind
     * index; only entries that may match are opened. Text is looked for in those, so a search for
     * text alone opens every entry, 200,000 at a time: go on from {@link SearchResult#lastLooked}.
     *
     * @throws JournalException when an entry cannot be read or opened
     */
    public SearchResult find(JournalQuery query) {
        awaitReadable(standing.size);
        long size = Math.min(standing.size, search.size());
        return new Search(search, ground.indexKey(), reader(), query).run(size);
    }

    private EntryReader reader() {
        try {
            erasures.look();
        } catch (IOException | KeyUnavailableException e) {
            throw new JournalException("it cannot be told now which entries are erased", e);
        }
        return new EntryReader(store, standing, keys, subjects);
    }

    private void awaitReadable(long size) {
        boolean waits = standing.checkpoint.size() < size || search.size() < size;
        if (waits && !ground.readsAhead()) {
            published();
        }
    }

    /**
     * A copy of everything durable now, to be read while recording goes on.
     *
     * @throws JournalException when the log is shared with others, or cannot be read
     */
    public JournalCopy copy() {
        checkpointNow();
        return JournalCopy.take(config.directory(), keys);
    }

    /** Whom the journal is about: erasing a subject, or holding one back from it. */
    public JournalSubjects subjects() {
        return erasures;
    }

    /** The log directory, which anybody may copy and check. */
    public Path directory() {
        return config.directory();
    }

    /**
     * The C2SP tlog-proof of an entry, for {@link ProofVerifier} or any other implementation; signs
     * a checkpoint first when none covers the entry yet.
     *
     * @throws JournalException when there is no such entry, or no checkpoint can be had
     */
    public String prove(long index) {
        if (index < 0 || index >= standing.size) {
            throw new JournalException("there is no entry " + index);
        }
        Checkpoint covering = checkpoint();
        if (covering.size() <= index) {
            covering = checkpointNow();
        }
        try {
            List<Digest> proof = new TileRoots(store).inclusion(index, covering.size());
            return new TlogProof(index, proof, covering.note()).text();
        } catch (IOException e) {
            throw new JournalException("entry " + index + " cannot be proved", e);
        }
    }

    /**
     * The proof, from the tiles, that the first {@code first} entries begin the tree of {@code
     * second}, which a checkpoint was published over.
     *
     * @throws JournalException when it cannot be had
     */
    public List<Digest> consistency(long first, long second) {
        try {
            return new TileRoots(store).consistency(first, second);
        } catch (IOException | IllegalArgumentException e) {
            throw new JournalException(
                    "no proof from " + first + " to " + second + " entries can be made", e);
        }
    }

    /**
     * The root over the first {@code size} entries, of those under the checkpoint.
     *
     * @throws JournalException when it cannot be had
     */
    public Digest root(long size) {
        try {
            return new TileRoots(store).root(size, standing.checkpoint.size());
        } catch (IOException e) {
            throw new JournalException("the root over " + size + " entries cannot be read", e);
        }
    }

    /**
     * Checks everything under the last checkpoint the way an outsider would, in the directory or in
     * the store it shares with others, with so many threads; see {@link JournalVerifier}.
     */
    public Verification verify(int workers) {
        return JournalVerifier.verify(this, ground.place(), keys, workers);
    }

    /** The last checkpoint that enough witnesses cosigned, with their signatures. */
    public Optional<Checkpoint> witnessed() {
        return Optional.ofNullable(standing.witnessed);
    }

    /**
     * Keeps a checkpoint of this log to which enough witnesses added their signatures; durable when
     * this returns. One that is not newer than what is kept changes nothing.
     *
     * @throws JournalException when it is not of this log, or cannot be written
     */
    public void keepWitnessed(String note) {
        Checkpoint made = WitnessedFile.checkpoint(note, keys);
        synchronized (standing) {
            Checkpoint before = standing.witnessed;
            if (before != null && made.size() <= before.size()) {
                return;
            }
            try {
                ground.keepWitnessed(note.getBytes(StandardCharsets.UTF_8));
            } catch (IOException e) {
                throw new JournalException("the witnessed checkpoint cannot be kept", e);
            }
            standing.witnessed = made;
        }
    }

    /**
     * Refuses every entry from now on, with this reason, until {@link #resume}. What was submitted
     * before is recorded; reading goes on.
     */
    public void suspend(String why) {
        condition.suspend(why);
    }

    /** Takes entries again. */
    public void resume() {
        condition.resume();
    }

    /** How the journal is doing, now. */
    public JournalHealth health() {
        return condition.health(intake.pending(), listeners.unheard());
    }

    /**
     * Takes no more, records what waits, signs a last checkpoint and lets go of the directory.
     * After it the directory holds no write-ahead log: every byte of it is under the checkpoint.
     */
    @Override
    public void close() {
        if (standing.closed) {
            return;
        }
        standing.closed = true;
        intake.wake();
        search.stop();
        try {
            boolean ended = committerThread.join(CLOSING);
            ground.stopping();
            ended |= committerThread.join(Duration.ofSeconds(1));
            publisher.stop();
            ended &= publisherThread.join(CLOSING);
            watchdog.stop();
            blobs.shutdownNow();
            ended &= indexThread.getState() == Thread.State.NEW || indexThread.join(CLOSING);
            if (standing.failure() != null) {
                watchdog.look();
            }
            listeners.close();
            ground.close(ended && standing.failure() == null, standing.checkpoint.size());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
