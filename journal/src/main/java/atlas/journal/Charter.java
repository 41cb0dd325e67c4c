package atlas.journal;

import atlas.journal.store.SharedShelf;
import atlas.tlog.CheckpointText;
import atlas.tlog.TreeHasher;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;

/** What a shared log begins with: its verifier key, its mark, a checkpoint over nothing. */
final class Charter {
    private static final String KEY = "verifier.vkey";

    private final SharedShelf shelf;
    private final JournalKeys keys;

    Charter(SharedShelf shelf, JournalKeys keys) {
        this.shelf = shelf;
        this.keys = keys;
    }

    /** Begins the log when there is none and its key is here; refuses the log of another key. */
    void agree() throws IOException {
        byte[] expected = (keys.vkey() + "\n").getBytes(StandardCharsets.UTF_8);
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
            shelf.keep(KEY, expected);
        }
        if (keys.signs()) {
            shelf.keep(
                    SharedGround.MARK,
                    "entries that no checkpoint covers yet are in a database\n"
                            .getBytes(StandardCharsets.UTF_8));
            CheckpointText nothing = new CheckpointText(keys.origin(), 0, TreeHasher.emptyRoot());
            byte[] note = keys.signer().sign(nothing.text()).getBytes(StandardCharsets.UTF_8);
            shelf.swap(Sighting.CHECKPOINT, new byte[0], note);
        }
    }
}
