package atlas.registry.scan;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Bytes in memory. */
record MemorySource(byte[] bytes) implements ByteSource {
    @Override
    public long length() {
        return bytes.length;
    }

    @Override
    public void read(long position, ByteBuffer target) throws IOException {
        if (position < 0 || position > bytes.length - target.remaining()) {
            throw new IOException("read past the end");
        }
        target.put(bytes, (int) position, target.remaining());
    }
}
