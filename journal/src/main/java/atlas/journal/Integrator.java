package atlas.journal;

import atlas.core.Digest;
import atlas.journal.store.Frame;
import atlas.journal.store.TileStore;
import atlas.journal.store.TreeBuilder;
import atlas.tlog.CheckpointText;
import atlas.tlog.NoteSigner;
import atlas.tlog.TilePath;
import atlas.tlog.TreeHasher;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Turns durable entries into tiles and bundles, and signs for them.
 *
 * <p>Order is what makes it safe: bundles and tiles are durable before the record of what is about
 * to be signed, that before the checkpoint, and only after it are write-ahead segments let go. All
 * of it can be done over after a crash with the same result. Belongs to one thread at a time.
 */
final class Integrator {
    private final TileStore store;
    private final NoteSigner signer;
    private final Proclamation proclamation;
    private final Gaps gaps;
    private final TreeBuilder tree;
    private final List<byte[]> bundle = new ArrayList<>();
    private long signedSize;

    Integrator(
            TileStore store, NoteSigner signer, Edge edge, Proclamation proclamation, Gaps gaps) {
        this.store = store;
        this.signer = signer;
        this.proclamation = proclamation;
        this.gaps = gaps;
        this.tree = edge.tree();
        long first = tree.size() - edge.bundle().size();
        for (byte[] entry : edge.bundle()) {
            gaps.saw(first + bundle.size(), entry);
            bundle.add(entry);
        }
        this.signedSize = tree.size();
    }

    /** The unfinished right edge of the log: its partial tiles and its partial bundle. */
    record Edge(TreeBuilder tree, List<byte[]> bundle) {

        /**
         * The edge of what was signed, read from the store.
         *
         * @throws JournalException when the store does not hold what was signed
         */
        static Edge read(TileStore store, Optional<CheckpointText> signed) throws IOException {
            long size = signed.map(CheckpointText::size).orElse(0L);
            TreeBuilder tree;
            try {
                tree =
                        TreeBuilder.load(
                                size, (level, index, _) -> store.readTile(level, index, size));
            } catch (IOException e) {
                throw new IOException("a tile under the signed checkpoint cannot be read", e);
            }
            if (signed.isPresent() && !tree.root().equals(signed.get().root())) {
                throw new JournalException(
                        "the tiles do not add up to the root signed for "
                                + size
                                + " entries; `atlas journal verify` names what was changed");
            }
            List<byte[]> bundle = new ArrayList<>();
            if (size % TilePath.WIDTH != 0) {
                bundle.addAll(store.readBundle(size / TilePath.WIDTH, size));
                check(bundle, tree, size);
            }
            return new Edge(tree, bundle);
        }

        private static void check(List<byte[]> bundle, TreeBuilder tree, long size) {
            byte[] hashes = tree.partial(0);
            TreeHasher hasher = new TreeHasher();
            for (int i = 0; i < bundle.size(); i++) {
                byte[] hash =
                        Arrays.copyOfRange(hashes, i * TreeHasher.HASH, (i + 1) * TreeHasher.HASH);
                if (!Arrays.equals(hasher.leaf(bundle.get(i)), hash)) {
                    long index = size - size % TilePath.WIDTH + i;
                    throw new JournalException(
                            "entry " + index + " is not the entry that was signed");
                }
            }
        }
    }

    /** Entries taken in so far. */
    long size() {
        return tree.size();
    }

    /** The root over the entries taken in so far. */
    Digest root() {
        return tree.root();
    }

    /** Takes in the next entry; full tiles and bundles are written, not yet synced. */
    void add(byte[] entry, byte[] leaf) throws IOException {
        gaps.saw(tree.size(), entry);
        bundle.add(entry);
        if (bundle.size() == TilePath.WIDTH) {
            store.writeBundle(tree.size() / TilePath.WIDTH, bundle);
            bundle.clear();
        }
        tree.add(leaf, store::writeTile);
    }

    /** Takes in a frame, or what of it is new. */
    void add(Frame frame) throws IOException {
        for (int i = 0; i < frame.entries().size(); i++) {
            if (frame.firstIndex() + i == tree.size()) {
                add(frame.entries().get(i), frame.leaves().get(i));
            }
        }
    }

    /** Makes all that was taken in durable as tiles and bundles. */
    void settle() throws IOException {
        for (int level = 0; level < tree.levels(); level++) {
            if (tree.width(level) > 0) {
                store.writeTile(level, tree.index(level), tree.partial(level));
            }
        }
        if (!bundle.isEmpty()) {
            store.writeBundle(tree.size() / TilePath.WIDTH, bundle);
        }
        store.sync();
    }

    /** Makes all that was taken in durable and publishes a checkpoint over it. */
    Checkpoint publish() throws IOException {
        settle();
        CheckpointText text =
                new CheckpointText(signer.verifierKey().name(), tree.size(), tree.root());
        String note = signer.checkpoint(text);
        byte[] bytes = note.getBytes(StandardCharsets.UTF_8);
        proclamation.proclaim(text.size(), bytes);
        if (signedSize > 0 && signedSize < tree.size()) {
            store.forgetPartials(signedSize, tree.size());
        }
        signedSize = tree.size();
        return new Checkpoint(text.origin(), text.size(), text.root(), note);
    }
}
