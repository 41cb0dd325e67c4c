package atlas.journal.verify;

import atlas.core.Digest;
import atlas.tlog.CheckpointText;
import atlas.tlog.TilePath;
import atlas.tlog.TreeHasher;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Checks bundles against their tiles; any number of them at once. */
final class BundleCheck {
    private static final int HASH = TreeHasher.HASH;

    private final Place root;
    private final boolean atlasEntries;
    private final CheckpointText checkpoint;
    private final StoredTiles stored;
    private final Retained retained;

    BundleCheck(
            Place root,
            boolean atlasEntries,
            CheckpointText checkpoint,
            StoredTiles stored,
            Retained retained) {
        this.root = root;
        this.atlasEntries = atlasEntries;
        this.checkpoint = checkpoint;
        this.stored = stored;
        this.retained = retained;
    }

    /**
     * A bundle that holds.
     *
     * @param tile the leaf hashes
     * @param above the hash over a full tile; empty for a partial one
     * @param found what is in the entries; nothing of a foreign log
     * @param pruned whether retention removed the entries, so that only the tile was checked
     */
    record Checked(byte[] tile, byte[] above, Found found, boolean pruned) {}

    /** Entries as their emitters made them, and the payloads they refer to, checked. */
    record Found(
            List<EmitterChains.Run> runs,
            List<EmitterChains.BlobReference> payloads,
            List<Demands> demands) {

        /** Whether an entry plainly goes on where the last one was; then it has been followed. */
        boolean goesOn(byte[] bytes, int at, int length, byte[] leaf) {
            return !runs.isEmpty() && runs.getLast().goesOn(bytes, at, length, leaf);
        }
    }

    Checked run(long bundle) throws IOException, BrokenException {
        int width = TilePath.width(0, bundle, checkpoint.size());
        Optional<Stored.Content> read = Stored.read(root, w -> TilePath.entries(bundle, w), width);
        byte[] tile = stored.read(0, bundle);
        TreeHasher hasher = new TreeHasher();
        Found found = new Found(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        if (read.isPresent()) {
            entries(bundle, read.get(), tile, hasher, found);
        } else if (bundle >= retained.bundles()) {
            throw new BrokenException(
                    bundle * TilePath.WIDTH,
                    "the entries from here on are missing",
                    TilePath.entries(bundle, TilePath.WIDTH));
        }
        stored.compareSuperseded(0, bundle, tile);
        byte[] above =
                width == TilePath.WIDTH ? hasher.perfect(tile, 0, TilePath.WIDTH) : new byte[0];
        return new Checked(tile, above, found, read.isEmpty());
    }

    private void entries(
            long bundle, Stored.Content read, byte[] tile, TreeHasher hasher, Found found)
            throws IOException, BrokenException {
        int width = tile.length / HASH;
        String path = read.path();
        ByteBuffer in = ByteBuffer.wrap(read.bytes());
        int[] ends = new int[width + 1];
        byte[] leaf = new byte[HASH];
        for (int i = 0; i < width; i++) {
            long index = bundle * TilePath.WIDTH + i;
            ByteBuffer entry = next(in, index, path);
            int at = entry.position();
            int length = entry.remaining();
            hasher.leafInto(entry.array(), at, length, leaf);
            if (!Arrays.equals(leaf, 0, HASH, tile, i * HASH, (i + 1) * HASH)) {
                throw blame(index, tile, path);
            }
            // The chains go on from what the record of retention says, so they begin after it.
            if (atlasEntries
                    && bundle >= retained.bundles()
                    && !found.goesOn(entry.array(), at, length, leaf)) {
                follow(EmitterChains.read(index, entry.slice(), leaf.clone(), path), found);
            }
            ends[i + 1] = in.position();
        }
        if (read.width() == width && in.hasRemaining()) {
            long last = bundle * TilePath.WIDTH + width - 1;
            throw new BrokenException(last, "bytes follow the last entry", path);
        }
        superseded(bundle, read.bytes(), ends);
    }

    private static ByteBuffer next(ByteBuffer in, long index, String path) throws BrokenException {
        int length = in.remaining() < 2 ? -1 : Short.toUnsignedInt(in.getShort());
        if (length < 0 || length > in.remaining()) {
            throw new BrokenException(index, "the bundle ends within this entry", path);
        }
        ByteBuffer entry = in.duplicate().limit(in.position() + length);
        in.position(in.position() + length);
        return entry;
    }

    private void follow(EmitterChains.Link link, Found found) throws IOException, BrokenException {
        List<EmitterChains.Run> runs = found.runs();
        if (runs.isEmpty() || !runs.getLast().takes(link)) {
            runs.add(new EmitterChains.Run(link));
        }
        link.demands().ifPresent(found.demands()::add);
        if (link.blob().isPresent()) {
            Surroundings.payload(root, link.index(), link.blob().get());
            found.payloads().add(link.blob().get());
        }
    }

    /** Entry and tile differ; says which of the two the signed root was made of. */
    private BrokenException blame(long index, byte[] tile, String bundle) throws IOException {
        long number = index / TilePath.WIDTH;
        Digest signedRoot = checkpoint.root();
        return stored.vouchedFor(number, tile, signedRoot)
                ? new BrokenException(index, "the entry is not the one that was signed", bundle)
                : new BrokenException(
                        index, "the tile's hash of this entry was altered", stored.path(0, number));
    }

    /** Partial bundles of earlier checkpoints are beginnings of this one. */
    private void superseded(long bundle, byte[] content, int[] ends)
            throws IOException, BrokenException {
        for (Stored.Content partial :
                Stored.partialsUpTo(root, TilePath.entries(bundle, 1), ends.length - 1)) {
            int width = partial.width();
            byte[] there = partial.bytes();
            byte[] expected = Arrays.copyOf(content, ends[width]);
            int at = Arrays.mismatch(there, expected);
            if (at >= 0) {
                int slot = 0;
                while (slot < width - 1 && ends[slot + 1] <= at) {
                    slot++;
                }
                throw new BrokenException(
                        bundle * TilePath.WIDTH + slot,
                        "the entry is not the one that was signed",
                        partial.path());
            }
        }
    }
}
