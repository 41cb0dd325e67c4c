package atlas.journal.verify;

import atlas.core.Digest;
import atlas.tlog.TilePath;
import atlas.tlog.TreeHasher;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The tree above the entries, computed anew and compared tile by tile as it grows. */
final class ComputedTree {
    private static final int HASH = TreeHasher.HASH;

    private final StoredTiles stored;
    private final TreeHasher hasher = new TreeHasher();
    private final List<byte[]> tiles = new ArrayList<>();
    private final List<Long> counts = new ArrayList<>();

    ComputedTree(StoredTiles stored) {
        this.stored = stored;
    }

    /** Adds the leaf hashes of a bundle and the hash over them when they are 256. */
    void addBundle(byte[] hashes, byte[] above) throws IOException, BrokenException {
        if (above.length > 0) {
            add(1, above);
        } else {
            level(0);
            tiles.set(0, hashes);
            counts.set(0, (long) hashes.length / HASH);
        }
    }

    private void level(int level) {
        while (tiles.size() <= level) {
            tiles.add(new byte[TilePath.WIDTH * HASH]);
            counts.add(0L);
        }
    }

    private void add(int level, byte[] hash) throws IOException, BrokenException {
        level(level);
        long count = counts.get(level);
        int slot = (int) (count % TilePath.WIDTH);
        System.arraycopy(hash, 0, tiles.get(level), slot * HASH, HASH);
        counts.set(level, count + 1);
        if (slot == TilePath.WIDTH - 1) {
            stored.compare(level, count / TilePath.WIDTH, tiles.get(level));
            add(level + 1, hasher.perfect(tiles.get(level), 0, TilePath.WIDTH));
        }
    }

    /** Compares the partial tiles above the bundles and gives the root. */
    Digest finish() throws IOException, BrokenException {
        byte[] root = null;
        for (int level = 0; level < tiles.size(); level++) {
            int width = (int) (counts.get(level) % TilePath.WIDTH);
            byte[] hashes = Arrays.copyOf(tiles.get(level), width * HASH);
            if (width > 0 && level > 0) {
                stored.compare(level, counts.get(level) / TilePath.WIDTH, hashes);
            }
            // RFC 9162 §2.1.1: split at the largest power of two, so fold from the right.
            int end = width;
            while (end > 0) {
                int piece = Integer.lowestOneBit(end);
                byte[] subtree = hasher.perfect(hashes, end - piece, piece);
                root = root == null ? subtree : hasher.node(subtree, root);
                end -= piece;
            }
        }
        return root == null ? TreeHasher.emptyRoot() : Digest.of(root);
    }
}
