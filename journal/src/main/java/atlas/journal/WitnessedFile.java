package atlas.journal;

import atlas.journal.store.TileStore;
import atlas.tlog.CheckpointText;
import atlas.tlog.MalformedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The file {@code witnessed}: the last checkpoint that enough witnesses cosigned. */
final class WitnessedFile {
    private WitnessedFile() {}

    /**
     * What is kept; nothing before the first.
     *
     * @throws JournalException when others saw more of this log than is here, or something else
     */
    static Optional<Checkpoint> load(
            Path file, JournalKeys keys, TileStore store, Checkpoint published) throws IOException {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        Checkpoint kept = checkpoint(Files.readString(file), keys);
        if (kept.size() > published.size()) {
            throw new JournalException(
                    "refusing to start: this journal was rolled back: it has "
                            + published.size()
                            + " entries, but witnesses cosigned "
                            + kept.size()
                            + "; restore the newer copy");
        }
        if (!new TileRoots(store).root(kept.size(), published.size()).equals(kept.root())) {
            throw new JournalException(
                    "refusing to start: the first "
                            + kept.size()
                            + " entries are not those that witnesses cosigned");
        }
        return Optional.of(kept);
    }

    /**
     * Reads a note of this log.
     *
     * @throws JournalException when this log did not sign it
     */
    static Checkpoint checkpoint(String note, JournalKeys keys) {
        try {
            CheckpointText text =
                    CheckpointText.verified(
                            note.getBytes(StandardCharsets.UTF_8), keys.verifierKey());
            return new Checkpoint(text.origin(), text.size(), text.root(), note);
        } catch (MalformedException e) {
            throw new JournalException(
                    "the witnessed checkpoint is not one of this log: "
                            + e.getMessage()
                            + "; find out who changed the file `witnessed`, delete it, and the"
                            + " witnesses are asked again",
                    e);
        }
    }
}
