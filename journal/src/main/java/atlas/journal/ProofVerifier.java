package atlas.journal;

import atlas.core.Digest;
import atlas.tlog.CheckpointText;
import atlas.tlog.MalformedException;
import atlas.tlog.NoteVerifierKey;
import atlas.tlog.TlogProof;

/**
 * Checks, offline, that an entry is in a log: C2SP tlog-proof, RFC 9162 inclusion.
 *
 * <p>Needs the proof, the log's verifier key and the entry's leaf hash (a receipt has it); no
 * directory, no other key. Never throws on hostile input.
 */
public final class ProofVerifier {
    private ProofVerifier() {}

    /** Whether {@code proof} shows the entry with this leaf hash in the log of {@code vkey}. */
    public static ProofVerification verify(String proof, String vkey, Digest leafHash) {
        try {
            NoteVerifierKey key = NoteVerifierKey.parse(vkey);
            TlogProof parsed = TlogProof.parse(proof);
            CheckpointText checkpoint = CheckpointText.verified(parsed.checkpointBytes(), key);
            if (!parsed.leadsTo(checkpoint, leafHash)) {
                return new ProofVerification.Broken(
                        "the hashes do not lead from this entry to the signed root");
            }
            return new ProofVerification.Holds(
                    parsed.index(), checkpoint.size(), checkpoint.origin(), checkpoint.root());
        } catch (MalformedException e) {
            return new ProofVerification.Broken(String.valueOf(e.getMessage()));
        }
    }
}
