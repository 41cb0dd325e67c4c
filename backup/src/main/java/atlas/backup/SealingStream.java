package atlas.backup;

import atlas.core.crypto.Floe;
import java.io.IOException;
import java.io.OutputStream;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;

/** Seals what is written to it, segment by segment; {@link #end} seals the last. */
final class SealingStream extends OutputStream {
    /** 256 KiB of plaintext in a segment, where AES-GCM is fastest. */
    static final Floe.Parameters PARAMETERS =
            new Floe.Parameters((256 << 10) + Floe.SEGMENT_OVERHEAD, 20);

    private final OutputStream out;
    private final Floe floe;
    private final Cipher cipher = cipher();
    private final byte[] plain = new byte[PARAMETERS.plainBytes()];
    private final byte[] sealed = new byte[PARAMETERS.segmentBytes()];
    private int length;
    private long position;

    SealingStream(OutputStream out, byte[] key, byte[] context) throws IOException {
        this.out = out;
        this.floe = Floe.start(PARAMETERS, key, context);
        out.write(floe.header());
    }

    static Cipher cipher() {
        try {
            return Cipher.getInstance("AES/GCM/NoPadding");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has AES-GCM", e);
        }
    }

    @Override
    public void write(int one) throws IOException {
        write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int count) throws IOException {
        int at = offset;
        int left = count;
        while (left > 0) {
            // A full one waits for the next byte: only then is it known not to be the last.
            if (length == plain.length) {
                seal(false);
            }
            int some = Math.min(left, plain.length - length);
            System.arraycopy(bytes, at, plain, length, some);
            length += some;
            at += some;
            left -= some;
        }
    }

    void end() throws IOException {
        seal(true);
        Arrays.fill(plain, (byte) 0);
    }

    private void seal(boolean last) throws IOException {
        out.write(sealed, 0, floe.seal(cipher, position, last, plain, length, sealed));
        position++;
        length = 0;
    }
}
