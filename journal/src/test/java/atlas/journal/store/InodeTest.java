package atlas.journal.store;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InodeTest {
    @TempDir private Path directory;

    private Path file() throws IOException {
        return Files.writeString(directory.resolve("segment"), "one");
    }

    @Test
    void aFileThatStaysIsStillItself() throws IOException {
        Path path = file();
        Inode inode = Inode.of(path);
        Files.writeString(path, "two");
        assertTrue(inode.linked());
        assertTrue(inode.linked());
    }

    @Test
    void aRemovedFileIsGone() throws IOException {
        Path path = file();
        Inode inode = Inode.of(path);
        Files.delete(path);
        assertFalse(inode.linked());
    }

    @Test
    void anotherFileUnderTheSameNameIsNotIt() throws IOException {
        Path path = file();
        Inode inode = Inode.of(path);
        Files.move(path, directory.resolve("aside"));
        file();
        assertFalse(inode.linked());
    }

    @Test
    void aFileUnderAnotherNameIsGone() throws IOException {
        Path path = file();
        Inode inode = Inode.of(path);
        Files.move(path, directory.resolve("aside"));
        assertFalse(inode.linked());
        Files.move(directory.resolve("aside"), path);
        assertTrue(inode.linked());
    }

    @Test
    void aFileThatIsNotThereCannotBeAskedFor() {
        Path nowhere = directory.resolve("nowhere");
        assertThrows(IOException.class, () -> Inode.of(nowhere));
    }
}
