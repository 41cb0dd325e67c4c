package atlas.journal;

import atlas.core.Digest;
import atlas.journal.store.TileStore;
import atlas.tlog.TreeReader;
import java.io.IOException;
import java.util.List;

/** Roots and proofs computed from the tiles on disk. */
final class TileRoots {
    private final TileStore store;

    TileRoots(TileStore store) {
        this.store = store;
    }

    /** The root over the first {@code size} entries of a published tree of {@code published}. */
    Digest root(long size, long published) throws IOException {
        return reader(published).root(size);
    }

    /** The proof that entry {@code index} is in the published tree. */
    List<Digest> inclusion(long index, long published) throws IOException {
        return reader(published).inclusion(index, published);
    }

    /** The proof that the first {@code first} entries begin those of a published tree. */
    List<Digest> consistency(long first, long published) throws IOException {
        return reader(published).consistency(first, published);
    }

    private TreeReader<IOException> reader(long published) {
        return new TreeReader<>((level, index) -> store.node(level, index, published));
    }
}
