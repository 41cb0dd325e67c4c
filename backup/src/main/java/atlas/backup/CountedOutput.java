package atlas.backup;

import atlas.core.Digest;
import atlas.core.crypto.Hashes;
import java.io.IOException;
import java.io.OutputStream;
import java.security.MessageDigest;

/** Counts and hashes what goes out. */
final class CountedOutput extends OutputStream {
    private final OutputStream out;
    private final MessageDigest digest = Hashes.sha256();
    private long count;

    CountedOutput(OutputStream out) {
        this.out = out;
    }

    @Override
    public void write(int one) throws IOException {
        write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        out.write(bytes, offset, length);
        digest.update(bytes, offset, length);
        count += length;
    }

    long count() {
        return count;
    }

    /** Of everything so far; nothing may be written after. */
    Digest sha256() {
        return Digest.of(digest.digest());
    }
}
