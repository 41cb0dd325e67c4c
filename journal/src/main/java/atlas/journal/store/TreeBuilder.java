package atlas.journal.store;

import atlas.core.Digest;
import atlas.tlog.TilePath;
import atlas.tlog.TreeHasher;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The right edge of the tree: at each level the hashes of the tile that is not full yet.
 *
 * <p>From them follow the root, the partial tiles, and, as leaves arrive, the full ones. Belongs to
 * one thread.
 */
public final class TreeBuilder {
    private static final int TILE_BYTES = TilePath.WIDTH * TreeHasher.HASH;

    /** Is told of every tile that becomes full, lowest level first. */
    public interface FullTiles {
        void full(int level, long index, byte[] hashes) throws IOException;
    }

    /** Gives the hashes of a partial tile. */
    public interface PartialTiles {
        byte[] partial(int level, long index, int width) throws IOException;
    }

    private final TreeHasher hasher = new TreeHasher();
    private final List<byte[]> edge = new ArrayList<>();
    private long size;

    public TreeBuilder() {
        edge.add(new byte[TILE_BYTES]);
    }

    /** The edge of a tree of {@code size}, read from its partial tiles. */
    public static TreeBuilder load(long size, PartialTiles tiles) throws IOException {
        TreeBuilder tree = new TreeBuilder();
        tree.size = size;
        for (int level = 0; 8 * level < Long.SIZE && size >>> (8 * level) > 0; level++) {
            int width = tree.width(level);
            byte[] hashes =
                    width == 0 ? new byte[0] : tiles.partial(level, tree.index(level), width);
            tree.tile(level);
            tree.edge.set(level, Arrays.copyOf(hashes, TILE_BYTES));
        }
        return tree;
    }

    /** Leaves so far. */
    public long size() {
        return size;
    }

    /** Adds a leaf. */
    public void add(byte[] leaf, FullTiles sink) throws IOException {
        byte[] hash = leaf;
        long count = size;
        for (int level = 0; ; level++) {
            byte[] tile = tile(level);
            int slot = (int) (count & (TilePath.WIDTH - 1));
            System.arraycopy(hash, 0, tile, slot * TreeHasher.HASH, TreeHasher.HASH);
            if (slot < TilePath.WIDTH - 1) {
                break;
            }
            count >>>= 8;
            sink.full(level, count, tile.clone());
            hash = hasher.perfect(tile, 0, TilePath.WIDTH);
        }
        size++;
    }

    private byte[] tile(int level) {
        if (edge.size() <= level) {
            edge.add(new byte[TILE_BYTES]);
        }
        return edge.get(level);
    }

    /** Levels that hold anything. */
    public int levels() {
        return edge.size();
    }

    /** Hashes in the partial tile of a level; 0 when its last tile is full. */
    public int width(int level) {
        return (int) (size >>> (8 * level)) & (TilePath.WIDTH - 1);
    }

    /** The index of the partial tile of a level. */
    public long index(int level) {
        return level >= 7 ? 0 : size >>> (8 * (level + 1));
    }

    /** The hashes of the partial tile of a level. */
    public byte[] partial(int level) {
        return Arrays.copyOf(edge.get(level), width(level) * TreeHasher.HASH);
    }

    /** The root over all leaves. */
    public Digest root() {
        byte[] root = null;
        for (int level = 0; level < edge.size(); level++) {
            int width = width(level);
            for (int bit = 0; bit < 8; bit++) {
                if ((width >> bit & 1) == 0) {
                    continue;
                }
                // The subtrees of a width lie biggest first; this one follows the higher bits.
                int from = (width >> (bit + 1)) << (bit + 1);
                byte[] subtree = hasher.perfect(edge.get(level), from, 1 << bit);
                root = root == null ? subtree : hasher.node(subtree, root);
            }
        }
        return root == null ? TreeHasher.emptyRoot() : Digest.of(root);
    }
}
