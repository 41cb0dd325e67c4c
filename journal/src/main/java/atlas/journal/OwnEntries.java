package atlas.journal;

import atlas.core.Digest;
import atlas.journal.search.Terms;
import atlas.journal.store.TileStore;
import atlas.tlog.TilePath;
import atlas.tlog.TreeHasher;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;

/**
 * What this journal has recorded in a shared log and not yet seen in its tree. Nobody else knows:
 * whoever alters entries between recording and signing is found out here.
 */
final class OwnEntries {
    private static final long MOST = 1 << 20;

    private final ConcurrentSkipListMap<Long, Batch> batches = new ConcurrentSkipListMap<>();
    private final AtomicLong waiting = new AtomicLong();

    private static final class Batch {
        private final List<Terms> terms;

        /** What the entries lie under, by name. */
        private final List<String> keys;

        private final List<Digest> leaves;
        private boolean checked;

        Batch(List<Terms> terms, List<String> keys, List<Digest> leaves) {
            this.terms = terms;
            this.keys = keys;
            this.leaves = leaves;
        }
    }

    void add(long firstIndex, List<Pending> batch, List<Digest> leaves) {
        List<Terms> terms = batch.stream().map(pending -> pending.terms).toList();
        List<String> keys = batch.stream().map(pending -> pending.payload.keyLabel()).toList();
        waiting.addAndGet(terms.size());
        batches.put(firstIndex, new Batch(terms, keys, List.copyOf(leaves)));
    }

    /** How much of what may wait to be in the tree does; beyond 1 no more should be recorded. */
    double fullness() {
        return (double) waiting.get() / MOST;
    }

    /**
     * What an own entry that is not forgotten yet can be found by.
     *
     * @param gone whether a key was destroyed meanwhile: the entry must say for itself what is left
     */
    Optional<Terms> terms(long index, Predicate<String> gone) {
        Map.Entry<Long, Batch> batch = batches.floorEntry(index);
        if (batch == null || index >= batch.getKey() + batch.getValue().terms.size()) {
            return Optional.empty();
        }
        int at = (int) (index - batch.getKey());
        return gone.test(batch.getValue().keys.get(at))
                ? Optional.empty()
                : Optional.of(batch.getValue().terms.get(at));
    }

    /**
     * Looks for every own entry below {@code size} in the tree of that size. For one thread.
     *
     * @throws JournalException when the tree has another one in its place
     */
    void check(TileStore store, long size) throws IOException {
        for (Map.Entry<Long, Batch> batch : batches.headMap(size).entrySet()) {
            check(batch.getKey(), batch.getValue(), store, size);
        }
    }

    private static void check(long first, Batch batch, TileStore store, long size)
            throws IOException {
        if (batch.checked) {
            return;
        }
        if (first + batch.leaves.size() > size) {
            throw new JournalException("a checkpoint of " + size + " cuts a batch in two");
        }
        byte[] tile = new byte[0];
        for (int i = 0; i < batch.leaves.size(); i++) {
            long index = first + i;
            int at = (int) (index % TilePath.WIDTH) * TreeHasher.HASH;
            if (i == 0 || at == 0) {
                tile = store.readTile(0, index / TilePath.WIDTH, size);
            }
            byte[] signed = Arrays.copyOfRange(tile, at, at + TreeHasher.HASH);
            if (!Digest.of(signed).equals(batch.leaves.get(i))) {
                throw new JournalException(
                        "entry "
                                + index
                                + " of the log is not the entry that was recorded here: it was"
                                + " altered before it was signed");
            }
        }
        batch.checked = true;
    }

    /** Forgets what is below {@code size}, and checks before what came too late for it. */
    void forget(TileStore store, long size) throws IOException {
        for (Map.Entry<Long, Batch> batch : batches.headMap(size).entrySet()) {
            check(batch.getKey(), batch.getValue(), store, size);
            batches.remove(batch.getKey());
            waiting.addAndGet(-batch.getValue().leaves.size());
        }
    }
}
