package atlas.journal.verify;

import atlas.tlog.CheckpointText;
import atlas.tlog.MalformedException;
import atlas.tlog.NoteVerifierKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** The ML-DSA-44 key whose signature a checkpoint carries beside the Ed25519 one. */
final class SecondKey {
    static final String FILE = "verifier-mldsa44.vkey";

    private final NoteVerifierKey key;

    private SecondKey(NoteVerifierKey key) {
        this.key = key;
    }

    /** The key in a directory; a checkpoint it is found with has to be signed with it. */
    static Optional<SecondKey> of(Snapshot snapshot, NoteVerifierKey first) throws BrokenException {
        if (snapshot.secondKey().isEmpty()) {
            return Optional.empty();
        }
        String text = new String(snapshot.secondKey().get(), StandardCharsets.ISO_8859_1);
        try {
            NoteVerifierKey key = NoteVerifierKey.parse(text.strip());
            if (!text.equals(key + "\n") || !key.name().equals(first.name())) {
                throw new MalformedException("not a second key of this log");
            }
            return Optional.of(new SecondKey(key));
        } catch (MalformedException e) {
            throw new BrokenException(-1, String.valueOf(e.getMessage()), FILE);
        }
    }

    /**
     * Checks the second signature; says in words what it covers.
     *
     * @param shown the published checkpoint, which is a beginning of {@code newest}
     */
    String check(byte[] shown, CheckpointText newest, StoredTiles stored)
            throws IOException, BrokenException {
        CheckpointText twice;
        try {
            twice = CheckpointText.verified(shown, key);
        } catch (MalformedException e) {
            throw new BrokenException(
                    -1, "the second signature, ML-DSA-44: " + e.getMessage(), "checkpoint");
        }
        if (twice.size() == newest.size()) {
            return "the checkpoint is signed with ML-DSA-44, too";
        }
        if (!stored.root(twice.size()).equals(twice.root())) {
            throw new BrokenException(
                    -1, "the tree signed twice is no beginning of this one", "checkpoint");
        }
        return "the first " + twice.size() + " entries are signed with ML-DSA-44, too";
    }
}
