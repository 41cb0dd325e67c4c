package atlas.vault;

import java.nio.file.Path;

/** A KEK that lies in a file. */
public final class FileKek implements KekProvider {
    private FileKek() {}

    /** Opens the file, or makes it with a fresh key. */
    public static FileKek openOrCreate(Path file) {
        throw new UnsupportedOperationException();
    }

    @Override
    public String uri() {
        throw new UnsupportedOperationException();
    }

    @Override
    public KekStatus status() {
        throw new UnsupportedOperationException();
    }

    @Override
    public byte[] wrap(byte[] dek, byte[] aad) {
        throw new UnsupportedOperationException();
    }

    @Override
    public byte[] unwrap(byte[] wrapped, byte[] aad) {
        throw new UnsupportedOperationException();
    }
}
