package atlas.tlog;

import atlas.core.Digest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** MTH of RFC 6962 §2.1, word for word, over leaves in memory: slow and obviously right. */
public final class NaiveTree {
    private final TreeHasher hasher = new TreeHasher();
    private final List<byte[]> leaves = new ArrayList<>();

    /** A tree without leaves. */
    public NaiveTree() {}

    public static NaiveTree records(int count) {
        NaiveTree tree = new NaiveTree();
        for (int i = 0; i < count; i++) {
            tree.add(("record " + i).getBytes(StandardCharsets.UTF_8));
        }
        return tree;
    }

    public void add(byte[] entry) {
        leaves.add(hasher.leaf(entry));
    }

    public Digest leaf(int index) {
        return Digest.of(leaves.get(index));
    }

    public Digest root(int size) {
        return size == 0 ? TreeHasher.emptyRoot() : Digest.of(mth(0, size));
    }

    public byte[] node(int level, long index) {
        int width = 1 << level;
        return mth((int) index * width, (int) (index + 1) * width);
    }

    private byte[] mth(int from, int to) {
        int n = to - from;
        if (n == 1) {
            return leaves.get(from);
        }
        int k = 1;
        while (2 * k < n) {
            k *= 2;
        }
        return hasher.node(mth(from, from + k), mth(from + k, to));
    }
}
