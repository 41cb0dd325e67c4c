package atlas.registry;

import atlas.registry.oms.FileCheck;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.function.LongConsumer;

/** Reads a file once, checking the bytes against what was signed as they go to the sealer. */
final class CheckedInput extends InputStream {
    private final InputStream in;
    private final FileCheck check;
    private final long limit;
    private final LongConsumer progress;
    private long read;

    CheckedInput(InputStream in, FileCheck check, long limit, LongConsumer progress) {
        this.in = in;
        this.check = check;
        this.limit = limit;
        this.progress = progress;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        int n = in.read(bytes, offset, length);
        if (n > 0) {
            read += n;
            if (read > limit) {
                throw new IOException("the file grew while it was read");
            }
            check.update(ByteBuffer.wrap(bytes, offset, n));
            progress.accept(read);
        }
        return n;
    }
}
