package atlas.vectors;

import atlas.core.Sensitive;
import atlas.vectors.Frames.Frame;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One vector store. Opened from the disk when it is first used, closed when memory is short, and
 * forgotten when the vault forgets its keys: from then on everything asked of it is a {@link
 * atlas.core.crypto.KeyUnavailableException}, until the key is back.
 *
 * <p>A change is durable when it returns. Blocks on the disk and, to open, on the vault.
 * Thread-safe.
 */
public final class VectorStore {
    /** Items in one frame of a log that is written anew. */
    private static final int ITEMS_IN_FRAME = 256;

    private final StoreFolder folder;
    private final VectorStores home;
    private final VectorsConfig config;
    private final Clock clock;
    private final ReentrantLock changing = new ReentrantLock();

    // Guarded by this monitor, which is never held while anything is waited for.
    private @Nullable Opened opened;
    private @Nullable StoreCard card;
    private @Nullable String owner;
    private long forgotten;
    private boolean deleted;

    /** A store in memory, and the log behind it. */
    private record Opened(Contents contents, SealedLog log) {}

    VectorStore(StoreFolder folder, VectorStores home, VectorsConfig config, Clock clock) {
        this.folder = folder;
        this.home = home;
        this.config = config;
        this.clock = clock;
    }

    public String id() {
        return folder.place().store();
    }

    public String tenant() {
        return folder.place().tenant();
    }

    /** Who made it; cheaper than all of {@link #card}. */
    public String owner() {
        synchronized (this) {
            if (owner != null) {
                return owner;
            }
        }
        long before = epoch();
        try {
            String read = folder.begun().store().owner();
            synchronized (this) {
                if (forgotten == before) {
                    owner = read;
                }
            }
            return read;
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    /** What it says of itself. */
    public StoreCard card() {
        synchronized (this) {
            if (card != null) {
                return card;
            }
        }
        return open().contents.card(folder.place());
    }

    /**
     * Adds items, all or none.
     *
     * @param items each with an id that {@link VectorStores#newItemId} made
     */
    public Change add(List<NewItem> items) {
        ReentrantLock quota = home.quotaOf(tenant(), owner());
        quota.lock();
        try {
            long others = home.bytesBeside(this);
            return changed(now -> {
                Instant when = clock.instant();
                List<VectorItem> fitting = new ArrayList<>();
                for (NewItem item : items) {
                    Optional<Sensitive<float[]>> unit = Contents.direction(item.vector().reveal());
                    if (unit.isEmpty()) {
                        return new Change.Unfit("a vector has no direction");
                    }
                    fitting.add(
                            new VectorItem(
                                    item.id(),
                                    item.author(),
                                    when,
                                    item.text(),
                                    item.attributes(),
                                    unit.get()));
                }
                Optional<Change> against = objection(now.contents, fitting, others);
                return against.orElseGet(() -> append(now, new Frame.Added(fitting)));
            });
        } finally {
            quota.unlock();
        }
    }

    private Optional<Change> objection(Contents now, List<VectorItem> items, long others) {
        StoreCard is = now.card(folder.place());
        int dimensions = is.dimensions();
        long added = 0;
        for (VectorItem item : items) {
            int length = item.vector().reveal().length;
            dimensions = dimensions == 0 ? length : dimensions;
            if (length != dimensions) {
                return Optional.of(
                        new Change.Unfit(
                                "vectors of this store have %d numbers, not %d"
                                        .formatted(dimensions, length)));
            }
            added += Contents.cost(item.text().reveal(), item.attributes(), length);
        }
        if (dimensions > config.maxDimensions()) {
            return Optional.of(
                    new Change.Unfit(
                            "a vector has at most %d numbers, not %d"
                                    .formatted(config.maxDimensions(), dimensions)));
        }
        return overQuota(is, items.size(), added, others);
    }

    private Optional<Change> overQuota(StoreCard is, int count, long added, long others) {
        if (is.vectors() + (long) count > config.maxVectorsPerStore()) {
            return over(
                    "a store holds at most %d vectors; this one has %d and %d more were sent"
                            .formatted(config.maxVectorsPerStore(), is.vectors(), count));
        }
        if (is.bytes() + added > config.memoryBytes()) {
            return over(
                    "a store takes at most %d bytes; this one has %d and %d more were sent"
                            .formatted(config.memoryBytes(), is.bytes(), added));
        }
        if (others + is.bytes() + added > config.maxBytesPerPrincipal()) {
            return over(
                    "the stores of its owner take at most %d bytes; they have %d and %d more were"
                                    .formatted(
                                            config.maxBytesPerPrincipal(),
                                            others + is.bytes(),
                                            added)
                            + " sent");
        }
        return Optional.empty();
    }

    private static Optional<Change> over(String message) {
        return Optional.of(new Change.OverQuota(message));
    }

    /** Removes items; those that are not there are not missed. */
    public void remove(List<String> ids) {
        changed(now -> {
            List<String> known = now.contents.known(ids);
            return known.isEmpty() ? new Change.Done() : append(now, new Frame.Removed(known));
        });
    }

    /** Gives it another name and other metadata. */
    public void rename(String name, Map<String, String> metadata) {
        changed(now -> append(now, new Frame.Renamed(name, metadata)));
    }

    /** An item by its id. */
    public Optional<VectorItem> item(String id) {
        return open().contents.item(id);
    }

    /** The items, oldest first: as many after this one as asked for. */
    public List<VectorItem> items(Optional<String> after, int most) {
        List<VectorItem> all = open().contents.items(_ -> true);
        int from = 0;
        for (int i = 0; after.isPresent() && i < all.size(); i++) {
            if (all.get(i).id().equals(after.get())) {
                from = i + 1;
            }
        }
        return List.copyOf(all.subList(from, Math.min(all.size(), from + most)));
    }

    /**
     * The items nearest to a direction, nearest first. Empty when the vector has none, or has
     * another number of dimensions than the store.
     */
    public Optional<List<Hit>> search(Sensitive<float[]> query, int most, AttributeFilter filter) {
        Contents contents = open().contents;
        int dimensions = contents.card(folder.place()).dimensions();
        Optional<Sensitive<float[]>> unit = Contents.direction(query.reveal());
        if (unit.isEmpty() || (dimensions != 0 && query.reveal().length != dimensions)) {
            return Optional.empty();
        }
        return Optional.of(contents.nearest(unit.get().reveal(), most, filter));
    }

    /** Removes items so that nothing opens them any more, and says how many. */
    int erase(Predicate<VectorItem> which) {
        changing.lock();
        try {
            Opened now = open();
            List<String> ids = now.contents.items(which).stream().map(VectorItem::id).toList();
            if (!ids.isEmpty()) {
                append(now, new Frame.Removed(ids));
                rewrite(now);
            }
            return ids.size();
        } finally {
            changing.unlock();
        }
    }

    /** Deletes all of it; only {@link VectorStores} may, which knows it. */
    void delete() {
        changing.lock();
        try {
            synchronized (this) {
                deleted = true;
            }
            forget();
            folder.destroy();
        } catch (IOException e) {
            throw new VectorsException(
                    "the store `" + id() + "` could not be deleted whole; the next start goes on",
                    e);
        } finally {
            changing.unlock();
        }
    }

    Instant created() {
        try {
            return folder.begun().created();
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    /** Forgets everything that was opened with keys, these included. Waits for nothing. */
    void forget() {
        synchronized (this) {
            forgotten++;
            opened = null;
            card = null;
            owner = null;
        }
        home.memory().gone(this);
    }

    /** Closes it for now; it is opened again when it is used. */
    synchronized void unload() {
        opened = null;
    }

    /** Indexes a little; false when nothing is left to index, or the store is not open. */
    boolean index(int most) {
        Opened now;
        synchronized (this) {
            now = opened;
        }
        return now != null && now.contents.index(most);
    }

    private interface Work {
        Change on(Opened now);
    }

    private Change changed(Work work) {
        changing.lock();
        try {
            Opened now = open();
            Change change = work.on(now);
            if (now.contents.wasteful()) {
                rewrite(now);
            }
            return change;
        } finally {
            changing.unlock();
        }
    }

    private Change append(Opened now, Frame frame) {
        try {
            now.log.append(Frames.encode(frame));
        } catch (IOException e) {
            throw new VectorsException("the store `" + id() + "` cannot be written", e);
        }
        now.contents.apply(frame);
        settled(now);
        return new Change.Done();
    }

    private void rewrite(Opened was) {
        List<Frame> frames = was.contents.anew(ITEMS_IN_FRAME);
        long before = epoch();
        try {
            SealedLog log = folder.rewrite(was.log.generation(), frames);
            Contents contents = new Contents();
            frames.forEach(contents::apply);
            keep(new Opened(contents, log), before);
        } catch (IOException e) {
            // Which of the two logs is in force only the disk knows.
            unload();
            throw new VectorsException("the store `" + id() + "` cannot be written anew", e);
        }
    }

    private Opened open() {
        Opened now;
        synchronized (this) {
            requireThere();
            now = opened;
        }
        if (now != null) {
            home.memory().used(this, size(now));
            return now;
        }
        changing.lock();
        try {
            long before;
            synchronized (this) {
                requireThere();
                if (opened != null) {
                    return opened;
                }
                before = forgotten;
            }
            Contents contents = new Contents();
            SealedLog log = folder.read(frame -> take(contents, frame));
            Opened fresh = new Opened(contents, log);
            keep(fresh, before);
            return fresh;
        } catch (IOException e) {
            throw unreadable(e);
        } finally {
            changing.unlock();
        }
    }

    private void take(Contents contents, Frame frame) {
        contents.apply(frame);
        if (size(contents) > home.memory().most()) {
            throw new VectorsException(
                    "the store `"
                            + id()
                            + "` takes more than `vectors.memory-bytes` allows; raise it",
                    null);
        }
    }

    /** Keeps what was opened, unless its keys were forgotten meanwhile. */
    private void keep(Opened fresh, long before) {
        synchronized (this) {
            if (forgotten != before || deleted) {
                return;
            }
            opened = fresh;
        }
        settled(fresh);
    }

    private void settled(Opened now) {
        StoreCard is = now.contents.card(folder.place());
        synchronized (this) {
            if (!now.equals(opened)) {
                card = card == null ? null : is;
                return;
            }
            card = is;
        }
        home.memory().used(this, is.bytes());
        home.indexing(this);
    }

    private long size(Opened now) {
        return size(now.contents);
    }

    private long size(Contents contents) {
        return contents.card(folder.place()).bytes();
    }

    private synchronized long epoch() {
        return forgotten;
    }

    private void requireThere() {
        if (deleted) {
            throw new VectorsException("the store `" + id() + "` was deleted meanwhile", null);
        }
    }

    private VectorsException unreadable(IOException e) {
        return new VectorsException("the store `" + id() + "` cannot be read", e);
    }
}
