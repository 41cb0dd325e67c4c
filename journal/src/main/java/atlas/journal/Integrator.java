package atlas.journal;

import atlas.core.Digest;
import atlas.journal.store.Frame;
import atlas.journal.store.TileStore;
import atlas.journal.store.TreeBuilder;
import atlas.journal.tlog.CheckpointText;
import atlas.journal.tlog.NoteSigner;
import atlas.journal.tlog.TilePath;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

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
    private final TreeBuilder tree;
    private final List<byte[]> bundle = new ArrayList<>();
    private long signedSize;

    Integrator(TileStore store, NoteSigner signer, Edge edge, Proclamation proclamation) {
        this.store = store;
        this.signer = signer;
        this.proclamation = proclamation;
        this.tree = edge.tree();
        this.bundle.addAll(edge.bundle());
        this.signedSize = tree.size();
    }

    /** The unfinished right edge of the log: its partial tiles and its partial bundle. */
    record Edge(TreeBuilder tree, List<byte[]> bundle) {}

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
        String note = signer.sign(text.text());
        byte[] bytes = note.getBytes(StandardCharsets.UTF_8);
        proclamation.proclaim(text.size(), bytes);
        if (signedSize > 0 && signedSize < tree.size()) {
            store.forgetPartials(signedSize, tree.size());
        }
        signedSize = tree.size();
        return new Checkpoint(text.origin(), text.size(), text.root(), note);
    }
}
