package atlas.journal.witness;

import atlas.core.Digest;
import atlas.tlog.TreeHasher;
import atlas.tlog.TreeReader;
import java.nio.charset.StandardCharsets;

/** The tree of {@code record 0}, {@code record 1} and so on, as long as one likes. */
final class RecordTree {
    /** Which record reads otherwise, in a fork; -1 in the tree itself. */
    private final long other;

    private final TreeHasher hasher = new TreeHasher();
    private final TreeReader<RuntimeException> reader = new TreeReader<>(this::node);

    RecordTree() {
        this(-1);
    }

    private RecordTree(long other) {
        this.other = other;
    }

    /** The same tree but for one record. */
    static RecordTree forkedAt(long record) {
        return new RecordTree(record);
    }

    Digest root(int size) {
        return reader.root(size);
    }

    byte[] node(int level, long index) {
        return level == 0
                ? hasher.leaf(record(index).getBytes(StandardCharsets.UTF_8))
                : hasher.node(node(level - 1, 2 * index), node(level - 1, 2 * index + 1));
    }

    private String record(long index) {
        return index == other ? "another" : "record " + index;
    }
}
