package atlas.backup;

import atlas.core.crypto.Floe;
import atlas.core.crypto.SealBrokenException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import javax.crypto.Cipher;

/**
 * Opens what {@link SealingStream} sealed; ends after the last segment and leaves the rest of the
 * input alone. Nothing of a segment is given out before all of it was checked.
 */
final class OpeningStream extends InputStream {
    private static final int NOT_LAST = 0xFFFFFFFF;

    private final InputStream in;
    private final Floe floe;
    private final Cipher cipher = SealingStream.cipher();
    private final byte[] segment = new byte[SealingStream.PARAMETERS.segmentBytes()];
    private final ByteBuffer plain =
            ByteBuffer.allocate(SealingStream.PARAMETERS.plainBytes()).limit(0);
    private long position;
    private boolean last;

    OpeningStream(InputStream in, byte[] key, byte[] context) throws IOException {
        this.in = in;
        byte[] header = in.readNBytes(Floe.HEADER_BYTES);
        try {
            this.floe = Floe.open(SealingStream.PARAMETERS, key, context, header);
        } catch (SealBrokenException e) {
            throw new BrokenBackup(
                    "its header was altered, or the shares of its key are not of one backup");
        }
    }

    private boolean fill() throws IOException {
        while (!plain.hasRemaining()) {
            if (last) {
                return false;
            }
            next();
        }
        return true;
    }

    private void next() throws IOException {
        if (in.readNBytes(segment, 0, 4) < 4) {
            throw cut();
        }
        int word = ByteBuffer.wrap(segment).getInt();
        last = word != NOT_LAST;
        int length = last ? word : segment.length;
        if (length < Floe.SEGMENT_OVERHEAD || length > segment.length) {
            throw new BrokenBackup("chunk " + position + " was altered");
        }
        if (in.readNBytes(segment, 4, length - 4) < length - 4) {
            throw cut();
        }
        plain.clear();
        try {
            floe.open(cipher, position, last, ByteBuffer.wrap(segment, 0, length), plain);
        } catch (SealBrokenException e) {
            throw new BrokenBackup("chunk " + position + " was altered");
        }
        plain.flip();
        position++;
    }

    private BrokenBackup cut() {
        return new BrokenBackup("it is cut short at chunk " + position);
    }

    @Override
    public int read() throws IOException {
        return fill() ? plain.get() & 0xff : -1;
    }

    @Override
    public int read(byte[] bytes, int offset, int count) throws IOException {
        if (count == 0) {
            return 0;
        }
        if (!fill()) {
            return -1;
        }
        int some = Math.min(count, plain.remaining());
        plain.get(bytes, offset, some);
        return some;
    }
}
