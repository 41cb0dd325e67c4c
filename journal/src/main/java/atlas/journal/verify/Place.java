package atlas.journal.verify;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Where a log lies that is to be checked: a directory, or a store with names for files. */
public interface Place {
    /** A directory; the record of what was signed lies beside it. */
    static Place folder(Path root) {
        return new Folder(root.toAbsolutePath().normalize());
    }

    /**
     * What lies under a name.
     *
     * @throws NoSuchFileException when nothing does
     */
    byte[] read(String name) throws IOException;

    /** Whether something lies under a name. */
    boolean has(String name) throws IOException;

    /** The names directly in a folder, without its own; none when it is not there. */
    List<String> names(String folder) throws IOException;

    /** The whole names of all files in a folder and below it; none when it is not there. */
    List<String> below(String folder) throws IOException;

    /** The last checkpoint signed, as it is kept outside; empty when it is not there. */
    Optional<byte[]> signed() throws IOException;

    /** What the record of what was signed is called, seen from here. */
    String signedName();

    /** The directory, when there may be a write-ahead log in it. */
    Optional<Path> directory();

    /** What lies under a name, when something does. */
    default Optional<byte[]> optional(String name) throws IOException {
        try {
            return Optional.of(read(name));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /** A directory. */
    record Folder(Path root) implements Place {
        @Override
        public byte[] read(String name) throws IOException {
            return Files.readAllBytes(root.resolve(name));
        }

        @Override
        public boolean has(String name) {
            return Files.exists(root.resolve(name));
        }

        @Override
        public List<String> names(String folder) throws IOException {
            Path path = root.resolve(folder);
            if (!Files.isDirectory(path)) {
                return List.of(); // so it is for nearly all, and an exception costs more
            }
            try (Stream<Path> files = Files.list(path)) {
                return files.map(file -> String.valueOf(file.getFileName())).toList();
            } catch (NoSuchFileException e) {
                return List.of();
            }
        }

        @Override
        public List<String> below(String folder) throws IOException {
            Path path = root.resolve(folder);
            if (!Files.isDirectory(path)) {
                return List.of();
            }
            try (Stream<Path> files = Files.walk(path)) {
                return files.filter(Files::isRegularFile)
                        .map(file -> root.relativize(file).toString())
                        .sorted()
                        .toList();
            }
        }

        @Override
        public Optional<byte[]> signed() throws IOException {
            try {
                return Optional.of(Files.readAllBytes(root.resolveSibling(beside())));
            } catch (NoSuchFileException e) {
                return Optional.empty();
            }
        }

        @Override
        public String signedName() {
            return "../" + beside();
        }

        private String beside() {
            return root.getFileName() + ".signed";
        }

        @Override
        public Optional<Path> directory() {
            return Optional.of(root);
        }
    }
}
