package atlas.journal;

import atlas.core.Digest;
import atlas.journal.postgres.PostgresSequencer;
import atlas.journal.postgres.Sessions;
import atlas.journal.s3.BucketShelf;
import atlas.journal.search.IndexKey;
import atlas.journal.search.SearchIndex;
import atlas.journal.shared.SharedLog;
import atlas.journal.store.Disk;
import atlas.journal.store.FolderShelf;
import atlas.journal.store.SharedShelf;
import atlas.journal.store.TileStore;
import atlas.journal.verify.Place;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Clock;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One journal of several that record into one log: the database orders and keeps entries, one of
 * those that have the log's key integrates them, all of them read and check the store.
 *
 * <p>In the directory of its own there is a search index, which can be made anew, and the name of
 * this member; beside it are its keys and the last checkpoint seen, so that a log put back to an
 * older state is noticed here.
 */
record SharedGround(
        Layout layout,
        Disk disk,
        SharedShelf shelf,
        Sessions sessions,
        PostgresSequencer sequencer,
        Committer.Resume resume,
        Members members,
        FileChannel lock)
        implements Ground {
    private static final Logger LOG = LoggerFactory.getLogger(SharedGround.class);

    private static final int MEMBER_BYTES = 8;

    /** Says in the store that what no checkpoint covers yet is in a database. */
    static final String MARK = "shared";

    /** What reading and publishing work on. */
    record Members(
            JournalKeys keys,
            TileStore store,
            Standing standing,
            SearchIndex search,
            IndexKey indexKey,
            SubjectKeys subjects,
            OwnEntries own) {}

    /** Stands between a journal and the store; what only tests turn. */
    static SharedGround open(
            JournalConfig config,
            JournalKeys keys,
            SharedLog shared,
            Clock clock,
            UnaryOperator<SharedShelf> between) {
        if (config.mode() != JournalConfig.Mode.ALWAYS) {
            throw new JournalException(
                    "a shared log is recorded in mode `always`; other modes are for a journal of"
                            + " one's own");
        }
        Layout layout = new Layout(config.directory());
        if (Files.exists(layout.checkpoint())) {
            throw new JournalException(
                    "`"
                            + layout.root()
                            + "` holds a journal of its own; a home begins with a shared log or"
                            + " never has one");
        }
        @Nullable FileChannel lock = null;
        @Nullable SharedShelf shelf = null;
        boolean opened = false;
        try {
            Opened.prepare(layout);
            lock = Opened.lock(layout);
            Disk disk = Disk.real(layout.scratch());
            Recovery.clearScratch(layout, disk);
            byte[] member = member(layout, disk);
            Committer.Resume resume = Committer.Resume.fresh(member);
            String name = HexFormat.of().formatHex(resume.emitter());
            Sessions sessions = new Sessions(shared.database(), "atlas-journal-" + name);
            long entries = sessions.entries();
            shelf =
                    between.apply(
                            shared.bucket().isPresent()
                                    ? new BucketShelf(shared.bucket().get(), clock)
                                    : new FolderShelf(shared.folder().orElseThrow(), name));
            new Charter(shelf, keys).agree();
            Members members = members(layout, disk, shelf, keys, member);
            members.standing().reached(entries);
            SharedGround ground =
                    new SharedGround(
                            layout,
                            disk,
                            shelf,
                            sessions,
                            new PostgresSequencer(sessions),
                            resume,
                            members,
                            lock);
            opened = true;
            return ground;
        } catch (IOException | UncheckedIOException e) {
            throw new JournalException("the shared journal cannot be opened: " + e.getMessage(), e);
        } catch (SQLException e) {
            throw new JournalException("the journal's database: " + e.getMessage(), e);
        } finally {
            if (!opened) {
                letGo(Stream.of(shelf, lock).filter(Objects::nonNull).toList());
            }
        }
    }

    private static Members members(
            Layout layout, Disk disk, SharedShelf shelf, JournalKeys keys, byte[] member)
            throws IOException {
        TileStore store = new TileStore(shelf);
        Checkpoint checkpoint = new Sighting(layout, disk, shelf, keys, store).first();
        Standing standing = new Standing(checkpoint, member, new Gaps());
        standing.witnessed =
                WitnessedFile.load(layout.witnessed(), keys, store, checkpoint).orElse(null);
        SubjectKeys subjects = SubjectKeys.open(disk, layout.keys(), keys.entries(), keys.origin());
        IndexKey indexKey =
                IndexKey.openOrCreate(
                        layout.search().resolve("key"), keys.entries(), keys.origin(), disk);
        SearchIndex search =
                new SearchIndex(
                        layout.search(),
                        indexKey,
                        disk,
                        new SearchSource(store, standing, keys, subjects, indexKey));
        search.load(checkpoint.size());
        return new Members(keys, store, standing, search, indexKey, subjects, new OwnEntries());
    }

    /** What this member's emitters begin with, made once and kept. */
    private static byte[] member(Layout layout, Disk disk) throws IOException {
        Path file = layout.member();
        if (!Files.exists(file)) {
            byte[] made = new byte[MEMBER_BYTES];
            new SecureRandom().nextBytes(made);
            disk.replace(file, made);
            disk.syncDirectory(layout.root());
        }
        byte[] member = Files.readAllBytes(file);
        if (member.length != MEMBER_BYTES) {
            throw new JournalException(
                    "`"
                            + file
                            + "` is damaged; restore it, or remove it: then what this member"
                            + " recorded before is read as sealed");
        }
        return member;
    }

    private static void letGo(List<? extends AutoCloseable> parts) {
        for (AutoCloseable part : parts) {
            try {
                part.close();
            } catch (Exception e) {
                LOG.atWarn().setCause(e).log("not closed in order");
            }
        }
    }

    @Override
    public Standing standing() {
        return members.standing();
    }

    @Override
    public SearchIndex search() {
        return members.search();
    }

    @Override
    public TileStore store() {
        return members.store();
    }

    @Override
    public IndexKey indexKey() {
        return members.indexKey();
    }

    @Override
    public SubjectKeys subjects() {
        return members.subjects();
    }

    @Override
    public void keepWitnessed(byte[] note) throws IOException {
        disk.replace(layout.witnessed(), note);
        disk.syncDirectory(layout.root());
    }

    @Override
    public Publishing publishing(JournalConfig config, Consumer<Throwable> poison) {
        return new SharedPublisher(config, this, poison);
    }

    @Override
    public void placed(long firstIndex, List<Pending> batch, List<Digest> leaves) {
        members.own().add(firstIndex, batch, leaves);
    }

    @Override
    public boolean readsAhead() {
        return false;
    }

    @Override
    public Place place() {
        return new ShelfPlace(shelf, layout.signed());
    }

    @Override
    public long usable() throws IOException {
        return disk.usable(layout.root());
    }

    @Override
    public double backlog() {
        return members.own().fullness();
    }

    @Override
    public String trouble() {
        return sequencer.trouble();
    }

    @Override
    public void stopping() {
        sequencer.giveUp();
    }

    @Override
    public List<String> notes() {
        return List.of();
    }

    // A cache only: when it is not there, the next start makes it anew.
    private void keepSearch() {
        Checkpoint last = standing().checkpoint;
        try {
            search().keepTail(last.size(), last.root());
        } catch (IOException e) {
            LOG.atWarn().setCause(e).log("search columns not kept");
        }
    }

    @Override
    public boolean payloadsFailAlone() {
        return true;
    }

    @Override
    public void close(boolean clean, long size) {
        keepSearch();
        letGo(List.of(sequencer, shelf, members.subjects(), lock));
    }
}
