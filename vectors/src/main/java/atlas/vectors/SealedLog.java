package atlas.vectors;

import atlas.core.crypto.SealBrokenException;
import atlas.core.crypto.SealFormat;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.function.Consumer;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log of one store: frames, each bound to its store, its generation and its turn.
 *
 * <pre>
 * frame = length (4) | HMAC-SHA-256 of the length in its place, cut (12) | sealed bytes
 * </pre>
 *
 * What was appended is durable; a crash while appending leaves the frame whole or not at all,
 * because a last frame that is not whole is cut off. Anything else that does not authenticate is
 * refused, lengths included: nothing can be skipped. Of one thread at a time.
 */
final class SealedLog {
    private static final Logger LOG = LoggerFactory.getLogger(SealedLog.class);
    private static final int HEAD_BYTES = 16;
    private static final int PIECE = 1 << 16;

    private final Path file;
    private final Place place;
    private final int generation;
    private final SecretKeySpec key;
    private long sequence;
    private long end;
    private boolean broken;

    private SealedLog(Path file, Place place, int generation, SecretKeySpec key) {
        this.file = file;
        this.place = place;
        this.generation = generation;
        this.key = key;
    }

    static Path file(Path folder, int generation) {
        return folder.resolve("log." + generation);
    }

    /** A new log that holds these frames. */
    static SealedLog make(
            Path folder, Place place, int generation, SecretKeySpec key, Iterable<byte[]> frames)
            throws IOException {
        SealedLog log = new SealedLog(file(folder, generation), place, generation, key);
        Files.deleteIfExists(log.file);
        Disk.make(log.file, new byte[0]);
        for (byte[] frame : frames) {
            log.append(frame);
        }
        Disk.sync(folder);
        return log;
    }

    /** Reads all of a log, in order, and is then ready for more. */
    static SealedLog read(
            Path folder, Place place, int generation, SecretKeySpec key, Consumer<byte[]> frames)
            throws IOException {
        SealedLog log = new SealedLog(file(folder, generation), place, generation, key);
        log.read(frames, Long.MAX_VALUE);
        return log;
    }

    /** Reads the first frame only. */
    static void readFirst(
            Path folder, Place place, int generation, SecretKeySpec key, Consumer<byte[]> frames)
            throws IOException {
        new SealedLog(file(folder, generation), place, generation, key).read(frames, 1);
    }

    private void read(Consumer<byte[]> frames, long most) throws IOException {
        try (InputStream raw = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS);
                InputStream in = new BufferedInputStream(raw, PIECE)) {
            long size = Files.size(file);
            while (sequence < most && size - end >= HEAD_BYTES) {
                byte[] head = in.readNBytes(HEAD_BYTES);
                int length = ByteBuffer.wrap(head).getInt();
                if (!MessageDigest.isEqual(head, head(length))) {
                    requireBlank(in);
                    break;
                }
                if (length > size - end - HEAD_BYTES) {
                    break;
                }
                byte[] sealed = in.readNBytes(length);
                boolean last = end + HEAD_BYTES + length == size;
                byte[] frame = opened(sealed, last);
                if (frame.length == 0) {
                    break;
                }
                frames.accept(frame);
                Arrays.fill(frame, (byte) 0);
                sequence++;
                end += HEAD_BYTES + length;
            }
            if (sequence == 0) {
                throw new VectorsException("`" + file + "` does not begin; restore it", null);
            }
            if (sequence < most && end < size) {
                LOG.atWarn()
                        .addKeyValue("store", place.store())
                        .addKeyValue("bytes", size - end)
                        .log("an addition that was cut short is left out");
            }
        }
    }

    /** The length of the next frame, and that it is. */
    private byte[] head(int length) {
        try {
            Mac mac = Mac.getInstance(key.getAlgorithm());
            mac.init(key);
            mac.update(place.ofFrame(generation, sequence));
            byte[] plain = ByteBuffer.allocate(Integer.BYTES).putInt(length).array();
            byte[] tag = mac.doFinal(plain);
            return ByteBuffer.allocate(HEAD_BYTES)
                    .put(plain)
                    .put(tag, 0, HEAD_BYTES - Integer.BYTES)
                    .array();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HmacSHA256", e);
        }
    }

    // A file may have grown before all was written into it: then nothing at all comes behind.
    private void requireBlank(InputStream rest) throws IOException {
        int seen = 0;
        byte[] more = rest.readNBytes(PIECE);
        while (more.length > 0 && seen == 0) {
            for (byte b : more) {
                seen |= b;
            }
            more = rest.readNBytes(PIECE);
        }
        if (seen != 0) {
            throw altered(null);
        }
    }

    private VectorsException altered(@Nullable Throwable cause) {
        return new VectorsException("`" + file + "` was altered; restore it", cause);
    }

    /** Empty for a last frame of which not all was written, though its length was. */
    private byte[] opened(byte[] sealed, boolean last) {
        try {
            return SealFormat.open(key, sealed, place.ofFrame(generation, sequence));
        } catch (SealBrokenException e) {
            if (last && sequence > 0) {
                return new byte[0];
            }
            throw altered(e);
        }
    }

    /** Appends a frame; durable when it returns. */
    void append(byte[] frame) throws IOException {
        if (broken) {
            throw new VectorsException("`" + file + "` could not be written before", null);
        }
        byte[] sealed =
                SealFormat.seal(key, generation, frame, place.ofFrame(generation, sequence));
        byte[] whole =
                ByteBuffer.allocate(HEAD_BYTES + sealed.length)
                        .put(head(sealed.length))
                        .put(sealed)
                        .array();
        // What a disk that failed once has of it nobody knows: the next start looks.
        broken = true;
        Disk.append(file, end, whole);
        broken = false;
        sequence++;
        end += whole.length;
    }

    Path file() {
        return file;
    }

    int generation() {
        return generation;
    }
}
