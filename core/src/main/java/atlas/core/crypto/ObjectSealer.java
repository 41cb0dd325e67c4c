package atlas.core.crypto;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;

/**
 * Seals large objects piece by piece, each object under a key of its own that is wrapped by a key
 * somebody else holds and turns.
 *
 * <p>Guarantees: an object opens only under the context it was sealed for; a piece cannot be
 * altered, moved, dropped or added unnoticed; the ciphertext commits to its key. Plaintext is never
 * written to a file. Thread-safe.
 */
public interface ObjectSealer {

    /** Seals what the input gives until its end; neither stream is closed. Blocks on both. */
    SealedObject seal(ObjectContext context, InputStream plaintext, OutputStream ciphertext)
            throws IOException;

    /**
     * Opens a sealed object; its header and its end are checked here, the rest as it is read.
     *
     * @throws SealBrokenException when the file is not what was sealed for this context
     * @throws KeyUnavailableException when the key cannot be had now
     */
    OpenedObject open(ObjectContext context, Path ciphertext) throws IOException;
}
