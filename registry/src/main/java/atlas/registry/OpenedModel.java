package atlas.registry;

import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * A version whose every byte was verified, in memory only. The segments are read-only and live
 * until {@link #close}, which zeroes them.
 */
public interface OpenedModel extends AutoCloseable {

    /** The version as it was verified. */
    ModelVersion version();

    /** Names of the files, as in the signed manifest. */
    List<String> files();

    /**
     * The plaintext of one file.
     *
     * @throws IllegalArgumentException when the manifest names no such file
     */
    MemorySegment file(String name);

    @Override
    void close();
}
