package atlas.journal.store;

import atlas.core.Digest;
import atlas.core.crypto.Hashes;
import atlas.tlog.TilePath;
import atlas.tlog.TreeHasher;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Tiles, entry bundles and big sealed payloads on one shelf.
 *
 * <p>Writing belongs to one thread, and is durable after {@link #sync}; reading is thread-safe.
 */
public final class TileStore {
    /** Superseded partial bundles that are kept for readers of recent checkpoints. */
    private static final int PARTIALS_KEPT = 8;

    /** Bundles in one folder. */
    private static final int GROUP = 1000;

    private final Shelf shelf;

    /** A store in a directory. */
    public TileStore(Disk disk, Path root) {
        this(new DiskShelf(disk, root));
    }

    public TileStore(Shelf shelf) {
        this.shelf = shelf;
    }

    /** Writes a tile. */
    public void writeTile(int level, long index, byte[] hashes) throws IOException {
        shelf.put(TilePath.tile(level, index, hashes.length / TreeHasher.HASH), hashes);
    }

    /** Writes a bundle of 1 to 256 entries. */
    public void writeBundle(long index, List<byte[]> entries) throws IOException {
        int bytes = entries.stream().mapToInt(entry -> 2 + entry.length).sum();
        ByteBuffer out = ByteBuffer.allocate(bytes);
        entries.forEach(entry -> out.putShort((short) entry.length).put(entry));
        shelf.put(TilePath.entries(index, entries.size()), out.array());
    }

    /** Makes the names of everything written so far durable. */
    public void sync() throws IOException {
        shelf.sync();
    }

    /** The hashes of a tile in a tree of {@code size}; a full tile serves for any partial one. */
    public byte[] readTile(int level, long index, long size) throws IOException {
        int width = TilePath.width(level, index, size);
        byte[] hashes;
        try {
            hashes = shelf.read(TilePath.tile(level, index, width));
        } catch (NoSuchFileException e) {
            hashes = shelf.read(TilePath.tile(level, index, TilePath.WIDTH));
        }
        if (hashes.length < width * TreeHasher.HASH) {
            String path = TilePath.tile(level, index, width);
            throw new IOException("`" + path + "` has not its " + width + " hashes");
        }
        return Arrays.copyOf(hashes, width * TreeHasher.HASH);
    }

    /** The entries of a bundle in a tree of {@code size}. */
    public List<byte[]> readBundle(long index, long size) throws IOException {
        int width = TilePath.width(0, index, size);
        String path = TilePath.entries(index, width);
        ByteBuffer in;
        try {
            in = ByteBuffer.wrap(shelf.read(path));
        } catch (NoSuchFileException e) {
            path = TilePath.entries(index, TilePath.WIDTH);
            in = ByteBuffer.wrap(shelf.read(path));
        }
        List<byte[]> entries = new ArrayList<>();
        while (entries.size() < width) {
            int length = in.remaining() < 2 ? -1 : Short.toUnsignedInt(in.getShort());
            if (length < 0 || length > in.remaining()) {
                throw new IOException("`" + path + "` is damaged at entry " + entries.size());
            }
            byte[] entry = new byte[length];
            in.get(entry);
            entries.add(entry);
        }
        return entries;
    }

    /** The root of a perfect subtree in a tree of {@code size}. */
    public byte[] node(int level, long index, long size) throws IOException {
        int within = level % 8;
        long first = index << within;
        byte[] tile = readTile(level / 8, first / TilePath.WIDTH, size);
        return new TreeHasher().perfect(tile, (int) (first % TilePath.WIDTH), 1 << within);
    }

    /** Removes what only checkpoints before {@code size} needed, the last at {@code before}. */
    public void forgetPartials(long before, long size) throws IOException {
        for (int level = 0; level < 8 && before >>> (8 * level) > 0; level++) {
            long index = level == 7 ? 0 : before >>> (8 * (level + 1));
            if (TilePath.width(level, index, size) == TilePath.WIDTH) {
                removeAllBut(0, TilePath.tile(level, index, 1));
            }
        }
        long bundle = before / TilePath.WIDTH;
        boolean full = TilePath.width(0, bundle, size) == TilePath.WIDTH;
        removeAllBut(full ? 0 : PARTIALS_KEPT, TilePath.entries(bundle, 1));
    }

    private void removeAllBut(int keep, String anyPartial) throws IOException {
        String folder = anyPartial.substring(0, anyPartial.lastIndexOf('/'));
        List<Integer> widths = shelf.names(folder).stream().map(Integer::valueOf).sorted().toList();
        for (int old : widths.subList(0, Math.max(0, widths.size() - keep))) {
            shelf.remove(folder + "/" + old);
        }
        if (keep == 0) {
            shelf.remove(folder);
        }
    }

    /** Keeps a sealed payload under the hash of its bytes; durable when this returns. */
    public void writeBlob(Digest digest, byte[] sealed) throws IOException {
        shelf.keep(blob(digest), sealed);
    }

    /** The sealed payload with this hash. */
    public byte[] readBlob(Digest digest) throws IOException {
        byte[] sealed = shelf.read(blob(digest));
        if (!Hashes.sha256(sealed).equals(digest)) {
            throw new IOException("`" + blob(digest) + "` was altered");
        }
        return sealed;
    }

    /** Removes a sealed payload, if it is there. */
    public void removeBlob(Digest digest) throws IOException {
        shelf.remove(blob(digest));
    }

    /** The full bundles there are below bundle {@code end}, ascending. */
    public List<Long> bundlesBelow(long end) throws IOException {
        List<Long> found = new ArrayList<>();
        for (long group = 0; group * GROUP < end; group++) {
            for (String name : shelf.names(folder(group))) {
                boolean full = name.length() == 3 && name.chars().allMatch(Character::isDigit);
                long bundle = full ? group * GROUP + Integer.parseInt(name) : end;
                if (bundle < end) {
                    found.add(bundle);
                }
            }
        }
        found.sort(null);
        return found;
    }

    /** Removes a full bundle. */
    public void removeBundle(long bundle) throws IOException {
        shelf.remove(TilePath.entries(bundle, TilePath.WIDTH));
    }

    /** Removes folders of bundles all of which are gone. */
    public void removeEmptyFolders(long end) throws IOException {
        for (long group = 1; (group + 1) * GROUP <= end; group++) {
            if (shelf.names(folder(group)).isEmpty()) {
                shelf.remove(folder(group));
            }
        }
    }

    private static String folder(long group) {
        String any = TilePath.entries(group * GROUP, TilePath.WIDTH);
        return any.substring(0, any.lastIndexOf('/'));
    }

    private static String blob(Digest digest) {
        String hex = digest.hex();
        return "blob/" + hex.substring(0, 2) + "/" + hex;
    }

    /** The bytes of one frame, read back. */
    public static Frame readFrame(Wal.Place place, int length) throws IOException {
        try (FrameReader frames = new FrameReader()) {
            return frames.read(place, length);
        }
    }

    /** Reads frames back, one segment after the other; keeps the segment it is in open. */
    public static final class FrameReader implements AutoCloseable {
        private @Nullable FileChannel channel;
        private @Nullable Path path;

        /** The frame at a place; an {@code IOException} when it is not what was written. */
        public Frame read(Wal.Place place, int length) throws IOException {
            FileChannel segment = channel;
            if (segment == null || !place.path().equals(path)) {
                close();
                segment = FileChannel.open(place.path());
                channel = segment;
                path = place.path();
            }
            ByteBuffer bytes = ByteBuffer.allocate(length);
            while (bytes.hasRemaining()) {
                if (segment.read(bytes, place.offset() + bytes.position()) < 0) {
                    break;
                }
            }
            return Frame.read(bytes.array(), 0)
                    .orElseThrow(() ->
                            new IOException("`" + place.path() + "` changed after it was written"));
        }

        @Override
        public void close() throws IOException {
            FileChannel open = channel;
            channel = null;
            if (open != null) {
                open.close();
            }
        }
    }
}
