package atlas.core.crypto;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A sealed object opened for reading anywhere in it. Every byte handed out was authenticated first,
 * and so was the length. Thread-safe: several threads may read at once.
 */
public interface OpenedObject extends AutoCloseable {

    /** Bytes of plaintext. */
    long length();

    /**
     * Fills the target with the plaintext from {@code position} on. Reading is cheapest in whole
     * multiples of {@link #chunkBytes()}.
     *
     * @throws IndexOutOfBoundsException when the object has fewer bytes than asked for
     * @throws SealBrokenException when the bytes are not the ones sealed; the target is then zeroed
     */
    void read(long position, ByteBuffer target) throws IOException;

    /** Plaintext bytes authenticated as one piece. */
    int chunkBytes();

    @Override
    void close() throws IOException;
}
