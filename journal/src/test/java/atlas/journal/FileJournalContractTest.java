package atlas.journal;

import java.nio.file.Path;

class FileJournalContractTest extends JournalContract {
    @Override
    Rig rig(Path directory) {
        return new FileRig(created(directory));
    }

    static Path created(Path directory) {
        try {
            return java.nio.file.Files.createDirectories(directory);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
