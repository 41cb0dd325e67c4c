package atlas.journal;

import atlas.journal.store.SharedShelf;
import atlas.tlog.CheckpointText;
import atlas.tlog.TreeHasher;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;

/** What a shared log begins with: its verifier keys, its mark, a checkpoint over nothing. */
final class Charter {
    private static final String KEY = "verifier.vkey";
    private static final String SECOND = "verifier-mldsa44.vkey";

    private static final byte[] UNSIGNED =
            "entries that no checkpoint covers yet are in a database\n"
                    .getBytes(StandardCharsets.UTF_8);

    private final SharedShelf shelf;
    private final JournalKeys keys;

    Charter(SharedShelf shelf, JournalKeys keys) {
        this.shelf = shelf;
        this.keys = keys;
    }

    /** Begins the log when there is none and its key is here; refuses the log of another key. */
    void agree() throws IOException {
        byte[] expected = line(keys.vkey());
        try {
            if (!Arrays.equals(shelf.read(KEY), expected)) {
                throw new JournalException(
                        "the store holds the log of another key than `" + keys.vkey() + "`");
            }
        } catch (NoSuchFileException e) {
            if (!keys.signs()) {
                throw new JournalException(
                        "nobody has begun the shared log yet; start the control plane first", e);
            }
            // Before the first: a log that has the first key has all of them.
            if (keys.secondVkey().isPresent()) {
                shelf.keep(SECOND, line(keys.secondVkey().get()));
            }
            shelf.keep(KEY, expected);
        }
        if (keys.signs()) {
            agreeOnSecond();
            mark();
            CheckpointText nothing = new CheckpointText(keys.origin(), 0, TreeHasher.emptyRoot());
            byte[] note = keys.signer().checkpoint(nothing).getBytes(StandardCharsets.UTF_8);
            shelf.swap(Sighting.CHECKPOINT, new byte[0], note);
        }
    }

    /** Marks the store as one of a shared log, signed: no copy of another log is to pass as one. */
    private void mark() throws IOException {
        byte[] there;
        try {
            there = shelf.read(SharedGround.MARK);
        } catch (NoSuchFileException e) {
            there = new byte[0];
        }
        // The first mark was not signed. Who comes second finds what the first has put there.
        if (there.length == 0 || Arrays.equals(there, UNSIGNED)) {
            String text = "atlas shared log v1\n" + keys.origin() + "\n";
            byte[] note = keys.signer().sign(text).getBytes(StandardCharsets.UTF_8);
            shelf.swap(SharedGround.MARK, there, note);
        }
    }

    /** All who have the log's key sign in the same way, and it stays so. */
    private void agreeOnSecond() throws IOException {
        boolean twice = keys.secondVkey().isPresent();
        try {
            byte[] there = shelf.read(SECOND);
            if (!twice) {
                throw new JournalException(
                        "the shared log is signed with ML-DSA-44, too: set `ml-dsa: true`"
                                + " wherever its key is");
            }
            if (!Arrays.equals(there, line(keys.secondVkey().get()))) {
                throw new JournalException(
                        "the store holds the log of another second key than `"
                                + keys.secondVkey().get()
                                + "`");
            }
        } catch (NoSuchFileException e) {
            if (twice) {
                throw new JournalException(
                        "the shared log was begun with Ed25519 alone, and that stays so: leave out"
                                + " `ml-dsa`",
                        e);
            }
        }
    }

    private static byte[] line(String vkey) {
        return (vkey + "\n").getBytes(StandardCharsets.UTF_8);
    }
}
