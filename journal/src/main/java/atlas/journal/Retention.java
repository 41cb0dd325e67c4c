package atlas.journal;

import atlas.core.Digest;
import atlas.journal.store.TileStore;
import atlas.tlog.MalformedException;
import atlas.tlog.TilePath;
import atlas.tlog.TreeHasher;
import java.io.IOException;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Removes the oldest entries, bundle by bundle, and leaves the tree over them.
 *
 * <p>What is to go is checked first, entry by entry against the signed tree: a removal must not
 * take away what an alteration would be seen by. The signed record comes next, then payloads kept
 * apart, then bundles, oldest first; all of it can be done over after a crash. One at a time.
 */
final class Retention {
    private static final int HASH = TreeHasher.HASH;

    private final TileStore store;
    private final Standing standing;
    private final Ground ground;
    private final TreeHasher hasher = new TreeHasher();

    Retention(Ground ground) {
        this.ground = ground;
        this.store = ground.store();
        this.standing = ground.standing();
    }

    /**
     * What may go.
     *
     * @param first the first entry that stays
     * @param emitters where each emitter stood before it
     */
    record Due(long first, List<RetentionRecord.Head> emitters) {}

    /** What went: payloads kept apart among the bytes. */
    record Gone(long entries, long bytes) {}

    /**
     * Finds and checks the whole bundles of which every entry is older.
     *
     * @throws JournalException when something is not what was signed; it stays where it is
     */
    synchronized Due due(RetentionRecord before, Instant than) {
        Map<String, RetentionRecord.Head> heads = new LinkedHashMap<>();
        before.emitters().forEach(head -> heads.put(head.emitter(), head));
        Checkpoint signed = standing.checkpoint; // others are published meanwhile
        long size = signed.size();
        long bundle = before.first() / TilePath.WIDTH;
        try {
            while ((bundle + 1) * TilePath.WIDTH <= size && older(bundle, size, than, heads)) {
                bundle++;
            }
            Digest root = new TileRoots(store).root(size, size);
            if (!root.equals(signed.root())) {
                throw new JournalException("the tiles do not add up to the signed root");
            }
        } catch (IOException e) {
            throw new JournalException("what is to be removed cannot be read; it stays", e);
        }
        return new Due(bundle * TilePath.WIDTH, List.copyOf(heads.values()));
    }

    private boolean older(
            long bundle, long size, Instant than, Map<String, RetentionRecord.Head> heads)
            throws IOException {
        List<byte[]> entries = store.readBundle(bundle, size);
        byte[] tile = store.readTile(0, bundle, size);
        Map<String, RetentionRecord.Head> moved = new LinkedHashMap<>();
        for (int i = 0; i < entries.size(); i++) {
            long index = bundle * TilePath.WIDTH + i;
            byte[] leaf = hasher.leaf(entries.get(i));
            if (!Arrays.equals(leaf, 0, HASH, tile, i * HASH, (i + 1) * HASH)) {
                throw new JournalException(
                        "entry " + index + " is not the entry that was signed; it stays");
            }
            Envelope envelope = envelope(index, entries.get(i));
            if (!envelope.when().isBefore(than)) {
                return false;
            }
            String emitter = HexFormat.of().formatHex(envelope.emitter());
            moved.put(
                    emitter,
                    new RetentionRecord.Head(emitter, envelope.sequence(), Digest.of(leaf)));
        }
        checkAbove(bundle, tile, size);
        heads.putAll(moved);
        return true;
    }

    /** Checks a full tile against the hash over it, and so on up as long as those end with it. */
    private void checkAbove(long bundle, byte[] leaves, long size) throws IOException {
        byte[] tile = leaves;
        long index = bundle;
        for (int level = 1; 8 * level < Long.SIZE; level++) {
            byte[] above = hasher.perfect(tile, 0, TilePath.WIDTH);
            if (!Arrays.equals(above, store.node(8 * level, index, size))) {
                long from = index << (8 * level);
                throw new JournalException(
                        "the hash over the entries from " + from + " on was altered; they stay");
            }
            if (index % TilePath.WIDTH != TilePath.WIDTH - 1) {
                return;
            }
            index /= TilePath.WIDTH;
            tile = store.readTile(level, index, size);
        }
    }

    private static Envelope envelope(long index, byte[] entry) {
        try {
            return Envelope.decode(entry);
        } catch (MalformedException e) {
            throw new JournalException("entry " + index + ": " + e.getMessage(), e);
        }
    }

    /** Signs for the removal; from here on the entries do not count as there. */
    synchronized void sign(Due due, JournalKeys keys) {
        Checkpoint checkpoint = standing.checkpoint;
        RetentionRecord record =
                new RetentionRecord(
                        due.first(), checkpoint.size(), checkpoint.root(), due.emitters());
        try {
            ground.keepRetention(record.note(keys.signer()));
        } catch (IOException e) {
            throw new JournalException("the record of retention cannot be kept", e);
        }
        standing.first = due.first();
    }

    /** Removes whatever there is of the entries before {@code first}. */
    synchronized Gone remove(long first) {
        long end = first / TilePath.WIDTH;
        long entries = 0;
        long bytes = 0;
        try {
            for (long bundle : store.bundlesBelow(end)) {
                for (byte[] entry : store.readBundle(bundle, first)) {
                    bytes += 2L + entry.length + removePayload(bundle, entry);
                    entries++;
                }
                store.removeBundle(bundle);
            }
            store.removeEmptyFolders(end);
            ground.search().forget();
        } catch (IOException e) {
            throw new JournalException(
                    "not everything before entry "
                            + first
                            + " could be removed; it is done over"
                            + " when retention runs again",
                    e);
        }
        return new Gone(entries, bytes);
    }

    private long removePayload(long bundle, byte[] entry) throws IOException {
        Envelope envelope = envelope(bundle * TilePath.WIDTH, entry);
        if (!envelope.blob()) {
            return 0;
        }
        store.removeBlob(Digest.of(envelope.payload()));
        return envelope.sealedLength();
    }
}
