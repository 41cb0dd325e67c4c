package atlas.journal.verify;

import atlas.tlog.TilePath;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.Stream;

/**
 * Reads tiles and bundles while a writer may replace them: a partial form goes only after a wider
 * one was published, and begins like it.
 */
final class Stored {
    private static final int LOOKS = 64;

    private Stored() {}

    /**
     * A file that was read.
     *
     * @param width hashes or entries it should have
     */
    record Content(String path, int width, byte[] bytes) {}

    /** The narrowest form with at least this width; absent when there is none. */
    static Optional<Content> read(Path root, IntFunction<String> path, int width)
            throws IOException {
        for (int look = 0; look < LOOKS; look++) {
            Optional<Content> found = tryRead(root, path.apply(width), width);
            if (found.isPresent()) {
                return found;
            }
            List<Integer> wider =
                    partials(root, path.apply(1)).stream()
                            .map(Stored::widthOf)
                            .filter(other -> other > width)
                            .sorted(Comparator.reverseOrder())
                            .toList();
            int widest = wider.isEmpty() ? TilePath.WIDTH : wider.getFirst();
            found = tryRead(root, path.apply(widest), widest);
            if (found.isPresent() || wider.isEmpty()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private static Optional<Content> tryRead(Path root, String path, int width) throws IOException {
        try {
            return Optional.of(new Content(path, width, Files.readAllBytes(root.resolve(path))));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /** The partial forms of a tile or bundle up to a width, that were there long enough. */
    static List<Content> partialsUpTo(Path root, String anyPartial, int width) throws IOException {
        List<Content> read = new ArrayList<>();
        for (Path file : partials(root, anyPartial)) {
            if (widthOf(file) <= width) {
                tryRead(root, root.relativize(file).toString(), widthOf(file)).ifPresent(read::add);
            }
        }
        return read;
    }

    private static List<Path> partials(Path root, String anyPartial) throws IOException {
        Path directory = Objects.requireNonNull(root.resolve(anyPartial).getParent());
        if (!Files.isDirectory(directory)) {
            return List.of(); // so it is for nearly all, and an exception costs more than a look
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> widthOf(file) > 0).toList();
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    private static int widthOf(Path partial) {
        String name = String.valueOf(partial.getFileName());
        return name.matches("[1-9][0-9]{0,2}") ? Integer.parseInt(name) : 0;
    }
}
