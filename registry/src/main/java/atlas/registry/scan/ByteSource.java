package atlas.registry.scan;

import java.io.IOException;
import java.nio.ByteBuffer;

/** A file's bytes, readable anywhere, wherever they lie. */
public interface ByteSource {

    long length();

    /** Fills the target from {@code position} on; fails when there are fewer bytes. */
    void read(long position, ByteBuffer target) throws IOException;
}
