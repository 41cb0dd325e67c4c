package atlas.journal;

import atlas.core.Digest;
import atlas.journal.search.IndexKey;
import atlas.journal.search.SearchIndex;
import atlas.journal.store.Disk;
import atlas.journal.store.Frame;
import atlas.journal.store.KeptCheckpoints;
import atlas.journal.store.TileStore;
import atlas.journal.store.Wal;
import atlas.journal.store.WalReplay;
import atlas.journal.store.WalSequencer;
import atlas.journal.verify.Place;
import atlas.tlog.MalformedException;
import atlas.tlog.TilePath;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A journal directory, locked, recovered and ready to be written to. */
record Opened(
        Layout layout,
        Disk disk,
        TileStore store,
        Wal wal,
        WalSequencer sequencer,
        SearchIndex search,
        IndexKey indexKey,
        SubjectKeys subjects,
        Standing standing,
        Recovery.Recovered recovered,
        FileChannel lock,
        long mostWalBytes)
        implements Ground {
    private static final Logger LOG = LoggerFactory.getLogger(Opened.class);
    private static final long MOST_WAL_BYTES = 1L << 30;

    /**
     * What only tests turn.
     *
     * @param disk stands between the journal and the real disk
     * @param mostWalBytes that may wait to be brought into the tree
     */
    record Tuning(
            UnaryOperator<Disk> disk,
            int segmentBytes,
            KeptCheckpoints.Spacing checkpoints,
            long mostWalBytes) {
        Tuning(UnaryOperator<Disk> disk, int segmentBytes, KeptCheckpoints.Spacing checkpoints) {
            this(disk, segmentBytes, checkpoints, MOST_WAL_BYTES);
        }

        Tuning(UnaryOperator<Disk> disk, int segmentBytes) {
            this(disk, segmentBytes, KeptCheckpoints.Spacing.standard());
        }

        static Tuning standard() {
            return new Tuning(UnaryOperator.identity(), 16 << 20);
        }
    }

    static Opened open(JournalConfig config, JournalKeys keys, Tuning tuning) {
        if (!config.origin().equals(keys.origin())) {
            throw new JournalException(
                    "the journal's origin is `"
                            + config.origin()
                            + "`, its key is for `"
                            + keys.origin()
                            + "`");
        }
        Layout layout = new Layout(config.directory());
        if (Files.exists(layout.member())) {
            throw new JournalException(
                    "`"
                            + layout.root()
                            + "` is a member of a shared log: set `journal.shared` as it was; a"
                            + " home that records by itself is a new one");
        }
        try {
            prepare(layout);
            Files.createDirectories(layout.wal());
            FileChannel lock = lock(layout);
            try {
                return recover(layout, keys, tuning, lock);
            } catch (IOException | RuntimeException e) {
                lock.close();
                throw e;
            }
        } catch (IOException | UncheckedIOException e) {
            throw new JournalException(
                    "the journal in `" + layout.root() + "` cannot be opened", e);
        }
    }

    static void prepare(Layout layout) throws IOException {
        for (Path directory : List.of(layout.root(), layout.scratch(), layout.search())) {
            Files.createDirectories(directory);
        }
    }

    static FileChannel lock(Layout layout) throws IOException {
        FileChannel channel =
                FileChannel.open(
                        layout.lock(), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            lock = null;
        }
        if (lock == null) {
            channel.close();
            throw new JournalException(
                    "the journal in `" + layout.root() + "` is already open for writing");
        }
        return channel;
    }

    private static Opened recover(Layout layout, JournalKeys keys, Tuning tuning, FileChannel lock)
            throws IOException {
        Disk disk = tuning.disk().apply(Disk.real(layout.scratch()));
        Recovery.clearScratch(layout, disk);
        TileStore store = new TileStore(disk, layout.root());
        List<Path> oldSegments = WalReplay.segments(layout.wal());
        Gaps gaps = new Gaps();
        Recovery.Recovered recovered =
                new Recovery(layout, keys, disk, store, tuning.checkpoints(), gaps).run();
        Optional<Checkpoint> witnessed =
                WitnessedFile.load(layout.witnessed(), keys, store, recovered.checkpoint());
        recovered.notes().forEach(note -> LOG.atWarn().addKeyValue("note", note).log("recovered"));
        Wal wal =
                Wal.start(
                        disk,
                        layout.wal(),
                        tuning.segmentBytes(),
                        Recovery.originHash(keys.origin()),
                        recovered.nextSegment());
        disk.delete(layout.closed());
        disk.syncDirectory(layout.root());
        // A segment that came back after a power cut would contradict those written from now on.
        Wal.remove(disk, layout.wal(), oldSegments);
        Standing standing = new Standing(recovered.checkpoint(), Standing.ALONE, gaps);
        standing.first = RetentionRecord.read(readRetention(layout), keys.verifierKey()).first();
        standing.witnessed = witnessed.orElse(null);
        SubjectKeys subjects = subjects(layout, disk, keys, store, standing);
        IndexKey indexKey =
                IndexKey.openOrCreate(
                        layout.search().resolve("key"), keys.entries(), keys.origin(), disk);
        SearchIndex search =
                new SearchIndex(
                        layout.search(),
                        indexKey,
                        disk,
                        new SearchSource(store, standing, keys, subjects, indexKey));
        search.load(standing.size);
        WalSequencer sequencer =
                new WalSequencer(
                        wal,
                        recovered.walResume(),
                        largestFrame(tuning.segmentBytes()),
                        (first, place, length) ->
                                standing.tail.put(first, new Standing.Batch(first, place, length)));
        return new Opened(
                layout,
                disk,
                store,
                wal,
                sequencer,
                search,
                indexKey,
                subjects,
                standing,
                recovered,
                lock,
                tuning.mostWalBytes());
    }

    private static SubjectKeys subjects(
            Layout layout, Disk disk, JournalKeys keys, TileStore store, Standing standing)
            throws IOException {
        boolean missing = !Files.isDirectory(layout.keys());
        if (missing && standing.size > 0 && underSubjectKey(store, standing.size)) {
            throw new JournalException(
                    "the keys of this journal in `"
                            + layout.keys()
                            + "` are missing; restore them, or make the directory to accept that"
                            + " what was recorded stays sealed");
        }
        return SubjectKeys.open(disk, layout.keys(), keys.entries(), keys.origin());
    }

    private static boolean underSubjectKey(TileStore store, long size) throws IOException {
        byte[] last = store.readBundle((size - 1) / TilePath.WIDTH, size).getLast();
        try {
            return !Envelope.decode(last).underVaultKey();
        } catch (MalformedException e) {
            throw new JournalException("the last entry: " + e.getMessage(), e);
        }
    }

    /** The most bytes a frame of this journal may have. */
    private static int largestFrame(int segmentBytes) {
        int largest = Wal.largestFrame(segmentBytes);
        if (largest < Frame.overhead() + Frame.costOf(65_535)) {
            throw new IllegalArgumentException("a segment must hold the largest entry");
        }
        return largest;
    }

    @Override
    public Committer.Resume resume() {
        return recovered.resume();
    }

    @Override
    public Publishing publishing(JournalConfig config, Consumer<Throwable> poison) {
        return new Publisher(config, this, poison);
    }

    @Override
    public void placed(long firstIndex, List<Pending> batch, List<Digest> leaves) {
        batch.forEach(pending -> search.add(pending.termsUnder(subjects, indexKey)));
    }

    @Override
    public Optional<byte[]> retention() throws IOException {
        return readRetention(layout);
    }

    private static Optional<byte[]> readRetention(Layout layout) throws IOException {
        return Files.exists(layout.retention())
                ? Optional.of(Files.readAllBytes(layout.retention()))
                : Optional.empty();
    }

    @Override
    public void keepRetention(String note) throws IOException {
        disk.replace(layout.retention(), note.getBytes(StandardCharsets.UTF_8));
        disk.syncDirectory(layout.root());
    }

    @Override
    public boolean readsAhead() {
        return true;
    }

    @Override
    public Place place() {
        return Place.folder(layout.root());
    }

    @Override
    public long usable() throws IOException {
        return disk.usable(layout.root());
    }

    @Override
    public double backlog() {
        return (double) sequencer.backlogBytes() / mostWalBytes;
    }

    @Override
    public void keepWitnessed(byte[] note) throws IOException {
        disk.replace(layout.witnessed(), note);
        disk.syncDirectory(layout.root());
    }

    @Override
    public boolean payloadsFailAlone() {
        return false;
    }

    @Override
    public String trouble() {
        return "the journal's disk is too slow";
    }

    @Override
    public void stopping() {
        // A write that is under way ends by itself.
    }

    @Override
    public List<String> notes() {
        return recovered.notes();
    }

    /** Lets go of the directory; removes the write-ahead log when nothing in it is needed. */
    @Override
    public void close(boolean clean, long size) {
        try (lock;
                subjects) {
            wal.close();
            if (clean) {
                search.keepTail(standing.checkpoint.size(), standing.checkpoint.root());
                disk.replace(layout.closed(), (size + "\n").getBytes(StandardCharsets.UTF_8));
                disk.syncDirectory(layout.root());
                Wal.remove(disk, layout.wal(), WalReplay.segments(layout.wal()));
            }
        } catch (IOException e) {
            LOG.atWarn().setCause(e).log("journal not closed in order; the next start recovers it");
        }
    }
}
