package atlas.journal;

import atlas.journal.store.SharedShelf;
import atlas.journal.verify.Place;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The store of a shared log as a member checks it. The record of what was signed is the member's
 * own: no older than any checkpoint it ever saw.
 *
 * @param seen where the member keeps the last checkpoint it saw
 */
record ShelfPlace(SharedShelf shelf, Path seen) implements Place {
    private static final int BLOB_FOLDERS = 256;

    @Override
    public byte[] read(String name) throws IOException {
        return shelf.read(name);
    }

    @Override
    public boolean has(String name) throws IOException {
        return optional(name).isPresent();
    }

    /** What lies beside the log in its store is not the log's business. */
    @Override
    public List<String> names(String folder) throws IOException {
        return folder.isEmpty() ? List.of() : shelf.names(folder);
    }

    /** Payloads kept apart; a store cannot be asked for all that is in it at any depth. */
    @Override
    public List<String> below(String folder) throws IOException {
        List<String> found = new ArrayList<>();
        for (int i = 0; folder.equals("blob") && i < BLOB_FOLDERS; i++) {
            String within = String.format("blob/%02x", i);
            for (String name : shelf.names(within)) {
                found.add(within + "/" + name);
            }
        }
        return found;
    }

    @Override
    public Optional<byte[]> signed() throws IOException {
        try {
            return Optional.of(Files.readAllBytes(seen));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    @Override
    public String signedName() {
        return String.valueOf(seen);
    }

    @Override
    public Optional<Path> directory() {
        return Optional.empty();
    }
}
