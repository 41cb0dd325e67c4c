package atlas.backup;

import atlas.core.Digest;
import atlas.core.crypto.Hashes;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;

/** Gives so many bytes of an input and not one more; hashes them. */
final class CountedInput extends InputStream {
    private final InputStream in;
    private final MessageDigest digest = Hashes.sha256();
    private long left;

    CountedInput(InputStream in, long bytes) {
        this.in = in;
        this.left = bytes;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int count) throws IOException {
        if (left == 0) {
            return -1;
        }
        int read = in.read(bytes, offset, (int) Math.min(count, left));
        if (read > 0) {
            digest.update(bytes, offset, read);
            left -= read;
        }
        return read;
    }

    /** What was not read yet. */
    long left() {
        return left;
    }

    /** Of everything read; nothing may be read after. */
    Digest sha256() {
        return Digest.of(digest.digest());
    }
}
