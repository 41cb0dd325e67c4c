package atlas.registry;

import java.lang.foreign.MemorySegment;

/**
 * Where the plaintext of a model goes: called once for each file, gives native memory of exactly
 * its length. The registry writes there, and zeroes it when verification fails or the model is
 * closed; nobody else may read it before the registry has returned the model.
 */
@FunctionalInterface
public interface ModelMemory {

    /** Memory for one file. */
    MemorySegment place(FileRecord file);
}
