package atlas.backup;

import atlas.core.Digest;
import atlas.core.crypto.Hashes;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * A file in the opened content of a backup:
 *
 * <pre>
 * u16 length | path | u64 bytes | blocks | 32 SHA-256 of the bytes
 * block: u8 0 as it is, 1 deflated | u32 plain bytes | u32 bytes that follow | bytes
 * </pre>
 *
 * Blocks have at most 128 KiB of plain bytes, and end where the file's bytes do.
 */
final class FileRecord {
    static final int BLOCK_BYTES = 128 << 10;
    private static final int STORED = 0;
    private static final int DEFLATED = 1;

    private FileRecord() {}

    /** Writes records; one for many files, so that buffers are made once. */
    static final class Writer implements AutoCloseable {
        private final DataOutputStream out;
        private final Deflater deflater = new Deflater(Deflater.BEST_SPEED, true);
        private final byte[] block = new byte[BLOCK_BYTES];
        private final byte[] packed = new byte[BLOCK_BYTES];

        Writer(DataOutputStream out) {
            this.out = out;
        }

        /** Writes exactly {@code bytes} of the content. */
        void file(String path, long bytes, InputStream content) throws IOException {
            byte[] name = path.getBytes(StandardCharsets.UTF_8);
            out.writeShort(name.length);
            out.write(name);
            out.writeLong(bytes);
            MessageDigest digest = Hashes.sha256();
            boolean pays = true;
            for (long left = bytes; left > 0; ) {
                int length = content.readNBytes(block, 0, (int) Math.min(left, BLOCK_BYTES));
                if (length < Math.min(left, BLOCK_BYTES)) {
                    throw new EOFException("`" + path + "` became shorter while it was read");
                }
                digest.update(block, 0, length);
                pays = block(length, pays);
                left -= length;
            }
            out.write(digest.digest());
        }

        // What is sealed does not get smaller: of a file whose beginning does not, nothing is
        // tried.
        private boolean block(int length, boolean tried) throws IOException {
            if (tried) {
                deflater.reset();
                deflater.setInput(block, 0, length);
                deflater.finish();
                int most = length - (length >>> 4);
                int size = deflater.deflate(packed, 0, most);
                if (deflater.finished()) {
                    head(DEFLATED, length, size);
                    out.write(packed, 0, size);
                    return true;
                }
            }
            head(STORED, length, length);
            out.write(block, 0, length);
            return false;
        }

        private void head(int how, int plain, int size) throws IOException {
            out.writeByte(how);
            out.writeInt(plain);
            out.writeInt(size);
        }

        @Override
        public void close() {
            deflater.end();
        }
    }

    /** Reads records. */
    static final class Reader implements AutoCloseable {
        private final DataInputStream in;
        private final Inflater inflater = new Inflater(true);
        private final byte[] block = new byte[BLOCK_BYTES];
        private final byte[] packed = new byte[BLOCK_BYTES];

        Reader(DataInputStream in) {
            this.in = in;
        }

        /** Reads a record and gives its content to the sink, whatever that makes of it. */
        BackupReader.FileHead file(BackupReader.Sink sink) throws IOException {
            byte[] name = new byte[in.readUnsignedShort()];
            in.readFully(name);
            String path = new String(name, StandardCharsets.UTF_8);
            long bytes = in.readLong();
            if (!BackupPath.isOne(path) || bytes < 0) {
                throw new BrokenBackup("it holds a file with a name or a length that cannot be");
            }
            Content content = new Content(bytes);
            sink.file(path, bytes, content);
            content.skipAll();
            byte[] expected = new byte[Digest.BYTES];
            in.readFully(expected);
            if (!MessageDigest.isEqual(expected, content.digest.digest())) {
                throw new BrokenBackup("`" + path + "` is not what was written");
            }
            return new BackupReader.FileHead(path, bytes);
        }

        private int block() throws IOException {
            int how = in.readUnsignedByte();
            int plain = in.readInt();
            int size = in.readInt();
            boolean fits = plain > 0 && plain <= BLOCK_BYTES && size > 0 && size <= plain;
            if (!fits || how > DEFLATED || (how == STORED && size != plain)) {
                throw new BrokenBackup("a block in it has a length that cannot be");
            }
            if (how == STORED) {
                in.readFully(block, 0, size);
                return plain;
            }
            in.readFully(packed, 0, size);
            inflater.reset();
            inflater.setInput(packed, 0, size);
            try {
                if (inflater.inflate(block, 0, plain) != plain || !done()) {
                    throw new BrokenBackup("a block in it does not unpack");
                }
            } catch (DataFormatException e) {
                throw new BrokenBackup("a block in it does not unpack");
            }
            return plain;
        }

        private boolean done() throws DataFormatException {
            return inflater.finished()
                    || (inflater.inflate(new byte[1]) == 0 && inflater.finished());
        }

        @Override
        public void close() {
            inflater.end();
        }

        /** The bytes of one file. */
        private final class Content extends InputStream {
            private final MessageDigest digest = Hashes.sha256();
            private long left;
            private int at;
            private int limit;

            Content(long bytes) {
                this.left = bytes;
            }

            private boolean fill() throws IOException {
                if (at == limit && left > 0) {
                    limit = block();
                    at = 0;
                    if (limit > left) {
                        throw new BrokenBackup("a file in it is longer than it says");
                    }
                    left -= limit;
                    digest.update(block, 0, limit);
                }
                return at < limit;
            }

            @Override
            public int read() throws IOException {
                return fill() ? block[at++] & 0xff : -1;
            }

            @Override
            public int read(byte[] bytes, int offset, int count) throws IOException {
                if (count == 0) {
                    return 0;
                }
                if (!fill()) {
                    return -1;
                }
                int some = Math.min(count, limit - at);
                System.arraycopy(block, at, bytes, offset, some);
                at += some;
                return some;
            }

            void skipAll() throws IOException {
                while (fill()) {
                    at = limit;
                }
            }
        }
    }
}
