package atlas.journal.search;

import atlas.core.Digest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * A file of the index: a head and numbered regions, each sealed by itself, so that a search opens
 * the few it needs.
 *
 * <pre>
 * u32 "AIX2" | 32 salt | u32 sealed length of the head | head | regions | SHA-256 of all of it
 * </pre>
 *
 * <p>Sealed with AES-256-GCM under a key made of the index's key, the salt and the file's name; the
 * nonce is the region's number, the head's is 0. The head begins with the lengths of the regions.
 * Belongs to one thread.
 */
final class SealedFile implements AutoCloseable {
    private static final int MAGIC = 0x41495832;
    private static final int SALT = 32;
    private static final int BEGINNING = 4 + SALT + 4;
    private static final int TAG = 16;
    private static final int MOST_HEAD = 1 << 20;

    /** Read at once: it holds the head of nearly every file. */
    private static final int FIRST_READ = 8192;

    private final FileChannel channel;
    private final SecretKeySpec key;
    private final byte[] head;
    private final int[] ends;
    private final int headAt;
    private final int from;

    private SealedFile(FileChannel channel, SecretKeySpec key, byte[] plain, int from)
            throws IOException {
        this.channel = channel;
        this.key = key;
        this.from = from;
        ByteBuffer in = ByteBuffer.wrap(plain);
        int regions = plain.length < 4 ? -1 : in.getInt();
        if (regions < 0 || regions > in.remaining() / 4) {
            throw new IOException("the head of an index file names no regions");
        }
        this.ends = new int[regions + 1];
        for (int i = 0; i < regions; i++) {
            ends[i + 1] = ends[i] + in.getInt();
        }
        this.headAt = in.position();
        this.head = plain;
    }

    /** A file that cannot be believed, and has to be made anew. */
    static final class StaleException extends IOException {
        private static final long serialVersionUID = 1L;

        StaleException(String message) {
            super(message);
        }
    }

    /** The whole content of a file. */
    static byte[] content(IndexKey index, String name, byte[] head, List<byte[]> regions) {
        byte[] salt = new byte[SALT];
        new SecureRandom().nextBytes(salt);
        SecretKeySpec key = new SecretKeySpec(index.fileKey(salt, name), "AES");
        List<byte[]> sealed = new ArrayList<>();
        ByteBuffer plain = ByteBuffer.allocate(4 + 4 * regions.size() + head.length);
        plain.putInt(regions.size());
        for (byte[] region : regions) {
            byte[] closed = crypt(Cipher.ENCRYPT_MODE, key, sealed.size() + 1, region);
            plain.putInt(closed.length);
            sealed.add(closed);
        }
        byte[] first = crypt(Cipher.ENCRYPT_MODE, key, 0, plain.put(head).array());
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteBuffer beginning = ByteBuffer.allocate(BEGINNING);
        out.writeBytes(beginning.putInt(MAGIC).put(salt).putInt(first.length).array());
        out.writeBytes(first);
        sealed.forEach(out::writeBytes);
        return IndexKey.withHash(out.toByteArray());
    }

    /**
     * Opens a file.
     *
     * @throws StaleException when it is not one of this index, or was altered
     */
    static SealedFile open(IndexKey index, String name, Path file) throws IOException {
        FileChannel channel = FileChannel.open(file);
        try {
            ByteBuffer beginning = read(channel, 0, FIRST_READ);
            if (beginning.remaining() < BEGINNING || beginning.getInt() != MAGIC) {
                throw new StaleException("`" + file.getFileName() + "` is no file of this index");
            }
            byte[] salt = new byte[SALT];
            beginning.get(salt);
            int length = beginning.getInt();
            if (length < TAG || length > MOST_HEAD) {
                throw new StaleException("`" + file.getFileName() + "` has no head");
            }
            ByteBuffer sealed =
                    length <= beginning.remaining()
                            ? beginning.slice(BEGINNING, length)
                            : read(channel, BEGINNING, length);
            byte[] first = new byte[sealed.remaining()];
            sealed.get(first);
            SecretKeySpec key = new SecretKeySpec(index.fileKey(salt, name), "AES");
            return new SealedFile(channel, key, opened(key, 0, first), BEGINNING + length);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** What the head holds beside the lengths. */
    ByteBuffer head() {
        return ByteBuffer.wrap(head, headAt, head.length - headAt).slice();
    }

    int regions() {
        return ends.length - 1;
    }

    /** A region, opened. */
    byte[] region(int number) throws IOException {
        int length = ends[number + 1] - ends[number];
        ByteBuffer bytes = read(channel, (long) from + ends[number], length);
        return opened(key, number + 1, Arrays.copyOf(bytes.array(), bytes.limit()));
    }

    private static ByteBuffer read(FileChannel channel, long at, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, at + bytes.position()) < 0) {
                break;
            }
        }
        return bytes.flip();
    }

    private static byte[] opened(SecretKeySpec key, int number, byte[] sealed)
            throws StaleException {
        try {
            return crypt(Cipher.DECRYPT_MODE, key, number, sealed);
        } catch (IllegalArgumentException e) {
            throw new StaleException("a region of an index file was altered");
        }
    }

    private static byte[] crypt(int mode, SecretKeySpec key, int number, byte[] content) {
        byte[] nonce = ByteBuffer.allocate(12).putInt(8, number).array();
        try {
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(mode, key, new GCMParameterSpec(8 * TAG, nonce));
            return cipher.doFinal(content);
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("not sealed under this key", e);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    /** Writes a digest and numbers into a head. */
    static byte[] head(Digest digest, long... numbers) {
        ByteBuffer out = ByteBuffer.allocate(Digest.BYTES + Long.BYTES * numbers.length);
        out.put(digest.bytes());
        for (long number : numbers) {
            out.putLong(number);
        }
        return out.array();
    }

    /** Whether the head begins with this digest; reads past it. */
    static boolean begins(ByteBuffer head, Digest digest) {
        if (head.remaining() < Digest.BYTES) {
            return false;
        }
        byte[] there = new byte[Digest.BYTES];
        head.get(there);
        return Digest.of(there).equals(digest);
    }
}
