package atlas.tlog;

import atlas.core.Digest;
import java.util.ArrayList;
import java.util.List;

/**
 * Roots and proofs of a tree whose perfect subtrees somebody can name. Belongs to one thread.
 *
 * @param <X> what naming a subtree may throw
 */
public final class TreeReader<X extends Exception> {

    /** Names the root of the {@code index}th perfect subtree of {@code 2^level} leaves. */
    public interface Nodes<X extends Exception> {
        byte[] node(int level, long index) throws X;
    }

    private final Nodes<X> nodes;
    private final TreeHasher hasher = new TreeHasher();

    public TreeReader(Nodes<X> nodes) {
        this.nodes = nodes;
    }

    /** The root over the first {@code size} leaves. */
    public Digest root(long size) throws X {
        return size == 0 ? TreeHasher.emptyRoot() : Digest.of(range(0, size));
    }

    /** The inclusion proof of entry {@code index} in the tree of {@code size} (§2.1.3.1). */
    public List<Digest> inclusion(long index, long size) throws X {
        if (index < 0 || index >= size) {
            throw new IllegalArgumentException("entry " + index + " of " + size);
        }
        List<Digest> proof = new ArrayList<>();
        long lo = 0;
        long hi = size;
        while (hi - lo > 1) {
            long split = lo + split(hi - lo);
            if (index < split) {
                proof.addFirst(Digest.of(range(split, hi)));
                hi = split;
            } else {
                proof.addFirst(Digest.of(range(lo, split)));
                lo = split;
            }
        }
        return List.copyOf(proof);
    }

    /** The proof that the tree of {@code first} leaves begins that of {@code second} (§2.1.4.1). */
    public List<Digest> consistency(long first, long second) throws X {
        if (first <= 0 || first > second) {
            throw new IllegalArgumentException("sizes " + first + " and " + second);
        }
        List<Digest> proof = new ArrayList<>();
        long lo = 0;
        long hi = second;
        boolean complete = true;
        while (first < hi) {
            long split = lo + split(hi - lo);
            if (first <= split) {
                proof.addFirst(Digest.of(range(split, hi)));
                hi = split;
            } else {
                proof.addFirst(Digest.of(range(lo, split)));
                lo = split;
                complete = false;
            }
        }
        if (!complete) {
            proof.addFirst(Digest.of(range(lo, hi)));
        }
        return List.copyOf(proof);
    }

    /** MTH(D[lo:hi]); {@code lo} is a multiple of the power of two that is not below the length. */
    private byte[] range(long lo, long hi) throws X {
        long n = hi - lo;
        if (Long.bitCount(n) == 1) {
            int level = Long.numberOfTrailingZeros(n);
            return nodes.node(level, lo >>> level);
        }
        long split = lo + split(n);
        return hasher.node(range(lo, split), range(split, hi));
    }

    /** The largest power of two below {@code n}. */
    private static long split(long n) {
        return Long.highestOneBit(n - 1);
    }
}
