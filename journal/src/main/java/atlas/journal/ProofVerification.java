package atlas.journal;

import atlas.core.Digest;

/** What checking a {@code .tlog-proof} gave. */
public sealed interface ProofVerification {

    /** The entry is in the log of this origin, at this index. */
    record Holds(long index, long size, String origin, Digest root) implements ProofVerification {}

    /** The proof does not show that. */
    record Broken(String what) implements ProofVerification {}
}
