package atlas.journal.store;

import java.io.IOException;
import java.util.List;

/**
 * Where tiles, bundles and payloads kept apart lie under their names: a directory, or an object
 * store. What lies under such a name never changes, so to put it again is to put the same.
 *
 * <p>Names are relative paths with {@code /}. Reading is thread-safe; writing belongs to one thread
 * but for {@link #keep}.
 */
public interface Shelf {

    /**
     * What lies under a name.
     *
     * @throws java.nio.file.NoSuchFileException when nothing does
     */
    byte[] read(String name) throws IOException;

    /** Puts content under its name; durable after {@link #sync}. */
    void put(String name, byte[] content) throws IOException;

    /** Makes everything put so far durable. */
    void sync() throws IOException;

    /** Puts content under its name; durable when this returns. From any thread. */
    void keep(String name, byte[] content) throws IOException;

    /** The names that begin with {@code folder/} and go no deeper, without that beginning. */
    List<String> names(String folder) throws IOException;

    /** Removes what lies under a name, or a folder that is empty, when it is there. */
    void remove(String name) throws IOException;
}
