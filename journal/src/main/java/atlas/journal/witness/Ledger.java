package atlas.journal.witness;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where a witness keeps the latest checkpoint it cosigned of each log. What it forgets it would
 * cosign differently, so what it cannot keep it must not cosign. Thread-safe.
 */
public interface Ledger {

    /** The ledger in this folder, made when it is not there. */
    static Ledger in(Path folder) throws IOException {
        return FolderLedger.open(folder);
    }

    /** The checkpoint kept for this origin, as a signed note. */
    Optional<byte[]> latest(String origin) throws IOException;

    /** Puts another in its place; durable when this returns. After a failure nothing is known. */
    void keep(String origin, byte[] note) throws IOException;

    /**
     * Keeps a checkpoint that contradicts the one cosigned, as evidence against its log; of many,
     * the first few.
     */
    void accuse(String origin, byte[] note) throws IOException;
}
