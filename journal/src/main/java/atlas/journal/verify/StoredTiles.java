package atlas.journal.verify;

import atlas.core.Digest;
import atlas.journal.tlog.TilePath;
import atlas.journal.tlog.TreeHasher;
import atlas.journal.tlog.TreeReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** The tile files as they lie there, compared with the hashes they should hold. */
final class StoredTiles {
    private static final int HASH = TreeHasher.HASH;

    private final Path root;
    private final long size;

    StoredTiles(Path root, long size) {
        this.root = root;
        this.size = size;
    }

    /** The path of a tile of this tree that is there: its partial form, or the full one. */
    String path(int level, long index) {
        int width = TilePath.width(level, index, size);
        String path = TilePath.tile(level, index, width);
        return Files.exists(root.resolve(path))
                ? path
                : TilePath.tile(level, index, TilePath.WIDTH);
    }

    /** The hashes of a tile, as many as this tree has in it. */
    byte[] read(int level, long index) throws IOException, BrokenException {
        String path = path(level, index);
        int width = TilePath.width(level, index, size);
        try {
            byte[] hashes = Files.readAllBytes(root.resolve(path));
            boolean full = path.equals(TilePath.tile(level, index, TilePath.WIDTH));
            if (hashes.length != (full ? TilePath.WIDTH : width) * HASH) {
                throw new BrokenException(
                        first(level, index, 0), "the tile has not its " + width + " hashes", path);
            }
            return Arrays.copyOf(hashes, width * HASH);
        } catch (NoSuchFileException e) {
            throw new BrokenException(first(level, index, 0), "the tile is missing", path);
        }
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
        for (Path file : partials(root, TilePath.tile(level, index, 1))) {
            String path = root.relativize(file).toString();
            byte[] stored = Files.readAllBytes(file);
            int width = widthOf(file);
            if (width * HASH > expected.length) {
                continue;
            }
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

    /** The hash of entry {@code index}, which is under the checkpoint. */
    byte[] leaf(long index) throws IOException, BrokenException {
        byte[] tile = read(0, index / TilePath.WIDTH);
        int at = (int) (index % TilePath.WIDTH) * HASH;
        return Arrays.copyOfRange(tile, at, at + HASH);
    }

    private byte[] node(int level, long index) throws Exception {
        long first = index << (level % 8);
        byte[] tile = read(level / 8, first / TilePath.WIDTH);
        return new TreeHasher()
                .perfect(tile, (int) (first % TilePath.WIDTH), 1 << (level % 8));
    }

    /** The partial forms of a tile or bundle that are there. */
    static List<Path> partials(Path root, String anyPartial) throws IOException {
        Path directory = Objects.requireNonNull(root.resolve(anyPartial).getParent());
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        List<Path> found = new ArrayList<>();
        try (Stream<Path> files = Files.list(directory)) {
            files.filter(file -> widthOf(file) > 0).forEach(found::add);
        }
        return found;
    }

    static int widthOf(Path partial) {
        String name = String.valueOf(partial.getFileName());
        return name.matches("[1-9][0-9]{0,2}") ? Integer.parseInt(name) : 0;
    }
}
