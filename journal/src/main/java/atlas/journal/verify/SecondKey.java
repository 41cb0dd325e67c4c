package atlas.journal.verify;

import atlas.tlog.CheckpointText;
import atlas.tlog.MalformedException;
import atlas.tlog.NoteVerifierKey;
import atlas.tlog.SignedNote;
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

    /**
     * The key that has to have signed as well: the one that is asked for, the one the log demands
     * of itself, the one that lies in the directory. Where there are several they are the same.
     */
    static Optional<SecondKey> of(
            Snapshot snapshot,
            NoteVerifierKey first,
            Optional<String> asked,
            Optional<Demands> demands)
            throws BrokenException {
        Optional<SecondKey> there = inDirectory(snapshot, first);
        if (demands.isPresent() && !demands.get().secondKey().isEmpty()) {
            String demanded = demands.get().secondKey();
            if (there.isEmpty() || !there.get().key.toString().equals(demanded)) {
                String is = there.isEmpty() ? "missing" : "another one";
                throw new BrokenException(
                        demands.get().index(),
                        "the second verifier key, which this entry demands, is " + is,
                        FILE);
            }
        }
        if (asked.isPresent()) {
            if (there.isPresent() && !there.get().key.toString().equals(asked.get())) {
                throw new BrokenException(-1, "not the second verifier key given", FILE);
            }
            return Optional.of(new SecondKey(parse(asked.get(), first)));
        }
        return there;
    }

    private static Optional<SecondKey> inDirectory(Snapshot snapshot, NoteVerifierKey first)
            throws BrokenException {
        if (snapshot.secondKey().isEmpty()) {
            return Optional.empty();
        }
        String text = new String(snapshot.secondKey().get(), StandardCharsets.ISO_8859_1);
        NoteVerifierKey key = parse(text.strip(), first);
        if (!text.equals(key + "\n")) {
            throw new BrokenException(-1, "not a second key of this log", FILE);
        }
        return Optional.of(new SecondKey(key));
    }

    private static NoteVerifierKey parse(String text, NoteVerifierKey first)
            throws BrokenException {
        try {
            NoteVerifierKey key = NoteVerifierKey.parse(text);
            if (!key.name().equals(first.name())) {
                throw new MalformedException("not a second key of this log");
            }
            return key;
        } catch (MalformedException e) {
            throw new BrokenException(-1, String.valueOf(e.getMessage()), FILE);
        }
    }

    /** What a reader should know of a checkpoint with signatures that nobody asked to check. */
    static Optional<String> unasked(byte[] checkpoint) throws BrokenException {
        try {
            int more = SignedNote.parse(checkpoint).lines().size() - 1;
            return more == 0
                    ? Optional.empty()
                    : Optional.of(
                            "the checkpoint carries "
                                    + (more == 1 ? "another signature" : more + " more signatures")
                                    + ", not checked: no second key was given, and none is here");
        } catch (MalformedException e) {
            throw new BrokenException(-1, String.valueOf(e.getMessage()), "checkpoint");
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
