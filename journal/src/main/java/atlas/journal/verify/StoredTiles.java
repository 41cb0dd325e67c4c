package atlas.journal.verify;

import atlas.core.Digest;
import atlas.tlog.TilePath;
import atlas.tlog.TreeHasher;
import atlas.tlog.TreeReader;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;

/** The tile files as they lie there, compared with the hashes they should hold. */
final class StoredTiles {
    private static final int HASH = TreeHasher.HASH;

    private final Place root;
    private final long size;
    private long lastTile = -1;
    private byte[] last = new byte[0];

    StoredTiles(Place root, long size) {
        this.root = root;
        this.size = size;
    }

    /** The path of a tile, for blaming. */
    String path(int level, long index) throws IOException {
        return stored(level, index)
                .map(Stored.Content::path)
                .orElse(TilePath.tile(level, index, TilePath.WIDTH));
    }

    private Optional<Stored.Content> stored(int level, long index) throws IOException {
        int width = TilePath.width(level, index, size);
        return Stored.read(root, w -> TilePath.tile(level, index, w), width);
    }

    /** The hashes of a tile, as many as this tree has in it. */
    byte[] read(int level, long index) throws IOException, BrokenException {
        int width = TilePath.width(level, index, size);
        Optional<Stored.Content> stored = stored(level, index);
        if (stored.isEmpty()) {
            throw new BrokenException(
                    first(level, index, 0),
                    "the tile is missing",
                    TilePath.tile(level, index, TilePath.WIDTH));
        }
        if (stored.get().bytes().length != stored.get().width() * HASH) {
            throw new BrokenException(
                    first(level, index, 0),
                    "the tile has not its " + stored.get().width() + " hashes",
                    stored.get().path());
        }
        return Arrays.copyOf(stored.get().bytes(), width * HASH);
    }

    /** Compares every stored form of a tile with the hashes computed from the entries. */
    void compare(int level, long index, byte[] expected) throws IOException, BrokenException {
        byte[] stored = read(level, index);
        int at = Arrays.mismatch(stored, expected);
        if (at >= 0) {
            throw altered(level, index, at / HASH, path(level, index));
        }
        compareSuperseded(level, index, expected);
    }

    /** Checks partial forms that earlier checkpoints needed: beginnings of the same tile. */
    void compareSuperseded(int level, long index, byte[] expected)
            throws IOException, BrokenException {
        for (Stored.Content partial :
                Stored.partialsUpTo(root, TilePath.tile(level, index, 1), expected.length / HASH)) {
            String path = partial.path();
            byte[] stored = partial.bytes();
            int width = partial.width();
            if (stored.length != width * HASH) {
                throw altered(level, index, Math.min(width - 1, stored.length / HASH), path);
            }
            int at = Arrays.mismatch(stored, Arrays.copyOf(expected, stored.length));
            if (at >= 0) {
                throw altered(level, index, at / HASH, path);
            }
        }
    }

    private BrokenException altered(int level, long index, int slot, String path) {
        long from = first(level, index, slot);
        if (level == 0) {
            return new BrokenException(from, "the tile's hash of this entry was altered", path);
        }
        long to = Math.min(size, from + (1L << (8 * level))) - 1;
        return new BrokenException(
                -1, "the hash over entries " + from + " to " + to + " was altered", path);
    }

    private static long first(int level, long index, int slot) {
        return (index * TilePath.WIDTH + slot) << (8 * level);
    }

    /** Whether the stored tile, rather than its entries, is what the signed root was made of. */
    boolean vouchedFor(long index, byte[] stored, Digest signedRoot) {
        try {
            if (stored.length == TilePath.WIDTH * HASH) {
                byte[] parents = read(1, index / TilePath.WIDTH);
                int at = (int) (index % TilePath.WIDTH) * HASH;
                byte[] parent = Arrays.copyOfRange(parents, at, at + HASH);
                return Arrays.equals(parent, new TreeHasher().perfect(stored, 0, TilePath.WIDTH));
            }
            return new TreeReader<>(this::node).root(size).equals(signedRoot);
        } catch (IOException | BrokenException e) {
            return false;
        } catch (RuntimeException e) {
            // A tile too short for the place asked of it: it vouches for nothing.
            return false;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** The root over the first entries, all of them under the checkpoint. */
    Digest root(long entries) throws IOException, BrokenException {
        try {
            return new TreeReader<>(this::node).root(entries);
        } catch (IOException | BrokenException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** The hash of entry {@code index}, which is under the checkpoint. */
    byte[] leaf(long index) throws IOException, BrokenException {
        if (index / TilePath.WIDTH != lastTile) {
            last = read(0, index / TilePath.WIDTH);
            lastTile = index / TilePath.WIDTH;
        }
        int at = (int) (index % TilePath.WIDTH) * HASH;
        return Arrays.copyOfRange(last, at, at + HASH);
    }

    /** The root of a perfect subtree that is wholly under the checkpoint. */
    byte[] node(int level, long index) throws IOException, BrokenException {
        long first = index << (level % 8);
        byte[] tile = read(level / 8, first / TilePath.WIDTH);
        return new TreeHasher().perfect(tile, (int) (first % TilePath.WIDTH), 1 << (level % 8));
    }
}
