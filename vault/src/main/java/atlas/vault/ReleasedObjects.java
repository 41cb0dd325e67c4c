package atlas.vault;

import atlas.core.Sensitive;
import atlas.core.crypto.ObjectContext;
import atlas.core.crypto.ObjectSealer;
import atlas.core.crypto.OpenedObject;
import atlas.core.crypto.SealedObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;

/**
 * Sealed objects of a vault that is elsewhere: opens them with keys released one by one, and seals
 * none. Thread-safe.
 */
public final class ReleasedObjects implements ObjectSealer {
    /** Where keys are released. */
    @FunctionalInterface
    public interface Keys {
        /**
         * The key of one object.
         *
         * @throws atlas.core.crypto.KeyUnavailableException when it is not released now
         */
        Sensitive<byte[]> release(ObjectContext context, byte[] wrapped);
    }

    private final FloeObjects objects;

    public ReleasedObjects(Keys keys, String tenant) {
        objects = FloeObjects.opening((context, wrapped) -> keys.release(context, wrapped), tenant);
    }

    @Override
    public SealedObject seal(ObjectContext context, InputStream plaintext, OutputStream ciphertext)
            throws IOException {
        throw new UnsupportedOperationException("only the vault that keeps the keys seals");
    }

    @Override
    public OpenedObject open(ObjectContext context, Path ciphertext) throws IOException {
        return objects.open(context, ciphertext);
    }
}
