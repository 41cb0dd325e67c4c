package atlas.journal.verify;

import atlas.tlog.TilePath;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;

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
    static Optional<Content> read(Place root, IntFunction<String> path, int width)
            throws IOException {
        for (int look = 0; look < LOOKS; look++) {
            Optional<Content> found = tryRead(root, path.apply(width), width);
            if (found.isPresent()) {
                return found;
            }
            List<Integer> wider =
                    partials(root, path.apply(1)).stream()
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

    private static Optional<Content> tryRead(Place root, String path, int width)
            throws IOException {
        try {
            return Optional.of(new Content(path, width, root.read(path)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /** The partial forms of a tile or bundle up to a width, that were there long enough. */
    static List<Content> partialsUpTo(Place root, String anyPartial, int width) throws IOException {
        List<Content> read = new ArrayList<>();
        for (int there : partials(root, anyPartial)) {
            if (there <= width) {
                tryRead(root, folder(anyPartial) + "/" + there, there).ifPresent(read::add);
            }
        }
        return read;
    }

    /** The widths there are. */
    private static List<Integer> partials(Place root, String anyPartial) throws IOException {
        return root.names(folder(anyPartial)).stream()
                .map(Stored::widthOf)
                .filter(width -> width > 0)
                .toList();
    }

    private static String folder(String anyPartial) {
        return anyPartial.substring(0, anyPartial.lastIndexOf('/'));
    }

    private static int widthOf(String partial) {
        return partial.matches("[1-9][0-9]{0,2}") ? Integer.parseInt(partial) : 0;
    }
}
