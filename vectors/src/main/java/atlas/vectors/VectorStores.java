package atlas.vectors;

import atlas.core.crypto.KeyUnavailableException;
import atlas.core.crypto.Sealer;
import atlas.vectors.Frames.Frame;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All vector stores of a home.
 *
 * <p>Promises: nothing of a text or a vector lies on the disk in the clear; a store opens only for
 * its tenant and under its own name; what was deleted or erased opens under no key any more; what
 * was changed is durable when the change returns, and after a crash is there whole or not at all;
 * {@link #forget} leaves no plaintext that a later call could be answered from. Opening asks the
 * vault for nothing. Thread-safe; whatever reads or changes a store blocks on the disk.
 */
public final class VectorStores implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(VectorStores.class);
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final String ERASURES = "erasures";
    private static final int ID_BYTES = 12;
    private static final int INDEXED_AT_ONCE = 32;

    private final Path root;
    private final Function<String, Sealer> sealers;
    private final VectorsConfig config;
    private final Clock clock;
    private final Memory memory;
    private final Map<String, VectorStore> stores = new ConcurrentHashMap<>();
    private final Map<String, ReentrantLock> quotas = new ConcurrentHashMap<>();
    private final ExecutorService indexer =
            Executors.newSingleThreadExecutor(
                    Thread.ofPlatform().daemon().name("vectors-index").factory());

    private VectorStores(
            Path root, Function<String, Sealer> sealers, VectorsConfig config, Clock clock) {
        this.root = root;
        this.sealers = sealers;
        this.config = config;
        this.clock = clock;
        this.memory = new Memory(config.memoryBytes());
    }

    /** What became of making a store. */
    public sealed interface Made {
        /** It is there. */
        record Store(VectorStore store) implements Made {}

        /** Its owner has as many as it may. */
        record OverQuota(String message) implements Made {}
    }

    /**
     * What an erasure took: whole stores, by their ids, and items of others.
     *
     * @param whole whether every store could be looked at; ask again where not
     */
    public record Erased(List<String> stores, int items, boolean whole) {
        public Erased {
            stores = List.copyOf(stores);
        }
    }

    /** Whose was erased, and when. */
    public interface Erasures {
        /** The last moment at which this principal was erased; empty when it was not. */
        Optional<Instant> last(String tenant, String principal);
    }

    /**
     * Finds the stores in a folder, making the folder when it is first needed.
     *
     * @param sealers seals under the key for embeddings of a tenant; asked when a store is used
     * @throws VectorsException when the folder cannot be read
     */
    public static VectorStores open(
            Path root, Function<String, Sealer> sealers, VectorsConfig config, Clock clock) {
        VectorStores stores = new VectorStores(root, sealers, config, clock);
        try {
            for (Path tenant : Disk.folders(root)) {
                String name = tenant.getFileName().toString();
                for (String id : StoreFolder.settle(tenant)) {
                    stores.stores.put(id, stores.store(new Place(name, id)));
                }
            }
            return stores;
        } catch (IOException e) {
            stores.close();
            throw new VectorsException("the vector stores in `" + root + "` cannot be read", e);
        }
    }

    private VectorStore store(Place place) {
        Path folder = root.resolve(place.tenant()).resolve(place.store());
        return new VectorStore(new StoreFolder(folder, place, sealers), this, config, clock);
    }

    /** An id for an item that is to be added. */
    public static String newItemId() {
        return "vec_" + unguessable();
    }

    /** An id for a store that is to be made. */
    public static String newStoreId() {
        return "vs_" + unguessable();
    }

    private static String unguessable() {
        byte[] bytes = new byte[ID_BYTES];
        RANDOM.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /** Makes a store with an id that {@link #newStoreId} made. */
    public Made make(String id, NewStore wanted) {
        ReentrantLock quota = quotaOf(wanted.tenant(), wanted.owner());
        quota.lock();
        try {
            long owned =
                    readable(wanted.tenant()).stream()
                            .filter(store -> store.owner().equals(wanted.owner()))
                            .count();
            if (owned >= config.maxStoresPerPrincipal()) {
                return new Made.OverQuota(
                        "a principal owns at most %d stores; delete one"
                                .formatted(config.maxStoresPerPrincipal()));
            }
            Place place = new Place(wanted.tenant(), id);
            Path folder = root.resolve(wanted.tenant());
            Disk.makeFolder(folder);
            new StoreFolder(folder.resolve(id), place, sealers)
                    .make(new Frame.Begun(wanted, clock.instant()));
            VectorStore store = store(place);
            stores.put(id, store);
            return new Made.Store(store);
        } catch (IOException e) {
            throw new VectorsException("a vector store cannot be made in `" + root + "`", e);
        } finally {
            quota.unlock();
        }
    }

    /** A store of this tenant. */
    public Optional<VectorStore> find(String tenant, String id) {
        return Optional.ofNullable(stores.get(id)).filter(s -> s.tenant().equals(tenant));
    }

    /** All stores of a tenant, by their ids. */
    public List<VectorStore> of(String tenant) {
        return stores.values().stream()
                .filter(store -> store.tenant().equals(tenant))
                .sorted(Comparator.comparing(VectorStore::id))
                .toList();
    }

    /**
     * The stores of a tenant whose owner can be told: one that was damaged is nobody's, and keeps
     * nobody from their own.
     *
     * @throws KeyUnavailableException when the vault has no keys
     */
    public List<VectorStore> readable(String tenant) {
        List<VectorStore> readable = new ArrayList<>();
        for (VectorStore store : of(tenant)) {
            try {
                store.owner();
                readable.add(store);
            } catch (VectorsException e) {
                LOG.atWarn().setCause(e).addKeyValue("store", store.id()).log("store left out");
            }
        }
        return readable;
    }

    /** Deletes a store; nothing opens what is left of it on the disk. */
    public void delete(VectorStore store) {
        store.delete();
        stores.remove(store.id());
    }

    /**
     * Deletes the stores that erased principals made and the items that they put in, as far as they
     * are not younger than the erasure.
     */
    public Erased erase(Erasures erasures) {
        List<String> gone = new ArrayList<>();
        int items = 0;
        boolean whole = true;
        for (VectorStore store : new ArrayList<>(stores.values())) {
            try {
                if (erased(erasures, store.tenant(), store.owner(), store.created())) {
                    delete(store);
                    gone.add(store.id());
                } else {
                    items +=
                            store.erase(item ->
                                    erased(
                                            erasures,
                                            store.tenant(),
                                            item.author(),
                                            item.created()));
                }
            } catch (VectorsException | KeyUnavailableException e) {
                // One store that does not open keeps no other from being erased.
                LOG.atWarn().setCause(e).addKeyValue("store", store.id()).log("not looked at");
                whole = false;
            }
        }
        return new Erased(gone, items, whole);
    }

    private static boolean erased(
            Erasures erasures, String tenant, String principal, Instant created) {
        return erasures.last(tenant, principal).filter(when -> !created.isAfter(when)).isPresent();
    }

    /** Whether there is no store at all. */
    public boolean isEmpty() {
        return stores.isEmpty();
    }

    /** Up to where somebody has looked for erasures; 0 when nobody has. */
    public long erasuresKnown() {
        try {
            Path file = root.resolve(ERASURES);
            return Files.exists(file) ? Long.parseLong(Files.readString(file).strip()) : 0;
        } catch (IOException | NumberFormatException e) {
            // Looking at all of them again does no harm.
            return 0;
        }
    }

    /** Notes up to where somebody has looked; durable when it returns. */
    public void erasuresKnown(long until) {
        try {
            Disk.replace(root.resolve(ERASURES), Long.toString(until));
        } catch (IOException e) {
            throw new VectorsException("`" + root + "` cannot be written", e);
        }
    }

    /** Forgets what was opened: the vault has no keys any more. Waits for nothing. */
    public void forget() {
        stores.values().forEach(VectorStore::forget);
    }

    /** What may be held, and the model of stores that name none. */
    public VectorsConfig config() {
        return config;
    }

    /** Bytes of all stores that are open now. */
    public long openBytes() {
        return memory.total();
    }

    /** Held by whoever adds to what a principal owns, so that its quota is counted once. */
    ReentrantLock quotaOf(String tenant, String owner) {
        return quotas.computeIfAbsent(tenant + "\n" + owner, _ -> new ReentrantLock());
    }

    /** Bytes of the other stores of the same owner. */
    long bytesBeside(VectorStore one) {
        long bytes = 0;
        for (VectorStore store : readable(one.tenant())) {
            if (store != one && store.owner().equals(one.owner())) {
                bytes += store.card().bytes();
            }
        }
        return bytes;
    }

    Memory memory() {
        return memory;
    }

    /** Goes on indexing a store, a little at a time, so that nobody waits long for it. */
    void indexing(VectorStore store) {
        if (!indexer.isShutdown()) {
            indexer.execute(() -> {
                while (!indexer.isShutdown() && store.index(INDEXED_AT_ONCE)) {
                    Thread.onSpinWait();
                }
            });
        }
    }

    /** Waits until everything that is open is indexed; for tests. */
    void awaitIndexed() throws InterruptedException {
        try {
            indexer.submit(() -> {}).get();
        } catch (java.util.concurrent.ExecutionException e) {
            throw new IllegalStateException("indexing failed", e);
        }
    }

    /** Forgets everything. */
    @Override
    public void close() {
        indexer.shutdownNow();
        forget();
    }
}
