package atlas.tlog;

import atlas.core.Digest;
import java.util.ArrayList;
import java.util.List;

/**
 * Checks RFC 9162 inclusion and consistency proofs.
 *
 * <p>Strict: sizes are unsigned 64-bit, a proof has at most 63 hashes and not one more than it
 * needs, and roots are compared in constant time. A proof that does not hold is {@code false};
 * nothing here throws on hostile input.
 */
public final class Proofs {
    private static final int LONGEST = 64;

    private Proofs() {}

    /** Whether the leaf is entry {@code index} of the tree of this size and root (§2.1.3.2). */
    public static boolean included(
            long index, long size, Digest leaf, List<Digest> proof, Digest root) {
        if (Long.compareUnsigned(index, size) >= 0 || proof.size() > LONGEST) {
            return false;
        }
        TreeHasher hasher = new TreeHasher();
        long fn = index;
        long sn = size - 1;
        byte[] r = leaf.bytes();
        for (Digest p : proof) {
            if (sn == 0) {
                return false;
            }
            if ((fn & 1) == 1 || fn == sn) {
                r = hasher.node(p.bytes(), r);
                while ((fn & 1) == 0 && fn != 0) {
                    fn >>>= 1;
                    sn >>>= 1;
                }
            } else {
                r = hasher.node(r, p.bytes());
            }
            fn >>>= 1;
            sn >>>= 1;
        }
        return sn == 0 && Digest.of(r).equals(root);
    }

    /** Whether the tree of the first size is a beginning of the second (§2.1.4.2). */
    public static boolean consistent(
            long first, long second, List<Digest> proof, Digest firstRoot, Digest secondRoot) {
        if (first == 0 || Long.compareUnsigned(first, second) > 0 || proof.size() > LONGEST) {
            return false;
        }
        if (first == second) {
            return proof.isEmpty() && firstRoot.equals(secondRoot);
        }
        if (proof.isEmpty()) {
            return false;
        }
        List<Digest> path = new ArrayList<>(proof);
        if (Long.bitCount(first) == 1) {
            path.addFirst(firstRoot);
        }
        long fn = first - 1;
        long sn = second - 1;
        while ((fn & 1) == 1) {
            fn >>>= 1;
            sn >>>= 1;
        }
        return climb(path, fn, sn, firstRoot, secondRoot);
    }

    private static boolean climb(
            List<Digest> path, long start, long last, Digest firstRoot, Digest secondRoot) {
        TreeHasher hasher = new TreeHasher();
        long fn = start;
        long sn = last;
        byte[] fr = path.getFirst().bytes();
        byte[] sr = fr;
        for (Digest digest : path.subList(1, path.size())) {
            if (sn == 0) {
                return false;
            }
            byte[] c = digest.bytes();
            if ((fn & 1) == 1 || fn == sn) {
                fr = hasher.node(c, fr);
                sr = hasher.node(c, sr);
                while ((fn & 1) == 0 && fn != 0) {
                    fn >>>= 1;
                    sn >>>= 1;
                }
            } else {
                sr = hasher.node(sr, c);
            }
            fn >>>= 1;
            sn >>>= 1;
        }
        return sn == 0 && Digest.of(fr).equals(firstRoot) && Digest.of(sr).equals(secondRoot);
    }
}
