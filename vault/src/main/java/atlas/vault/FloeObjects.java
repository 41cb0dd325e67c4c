package atlas.vault;

import atlas.core.Digest;
import atlas.core.Sensitive;
import atlas.core.crypto.Floe;
import atlas.core.crypto.Hashes;
import atlas.core.crypto.ObjectContext;
import atlas.core.crypto.ObjectSealer;
import atlas.core.crypto.OpenedObject;
import atlas.core.crypto.SealBrokenException;
import atlas.core.crypto.SealFormat;
import atlas.core.crypto.SealedObject;
import atlas.core.crypto.Sealer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import javax.crypto.Cipher;

/**
 * The large-object format.
 *
 * <pre>
 * magic "AtO1" (4) | length of wrapped key (4) | wrapped key | FLOE header (74) | FLOE segments
 * </pre>
 *
 * The object's own key is sealed by the purpose's sealer for the object's context; FLOE's
 * associated data is the context and everything before the FLOE header. 256 KiB of plaintext in a
 * segment, where AES-GCM is fastest in a core's own cache.
 */
final class FloeObjects implements ObjectSealer {
    static final int MAGIC = 0x41744F31;
    static final int CHUNK_BYTES = 256 * 1024;
    static final Floe.Parameters PARAMETERS =
            new Floe.Parameters(CHUNK_BYTES + Floe.SEGMENT_OVERHEAD, 20);

    private static final int MAX_WRAPPED_BYTES = 1024;
    private static final byte[] KEY_PLACE =
            "atlas-object-key/1\n".getBytes(StandardCharsets.US_ASCII);

    private final Optional<Sealer> keys;
    private final ReleasedObjects.Keys opening;
    private final String tenant;

    FloeObjects(Sealer keys, String tenant) {
        this(
                Optional.of(keys),
                (context, wrapped) -> Sensitive.of(keys.open(wrapped, keyPlace(context))),
                tenant);
    }

    private FloeObjects(Optional<Sealer> keys, ReleasedObjects.Keys opening, String tenant) {
        this.keys = keys;
        this.opening = opening;
        this.tenant = tenant;
    }

    /** One that seals nothing and has each object's key released to it. */
    static FloeObjects opening(ReleasedObjects.Keys released, String tenant) {
        return new FloeObjects(Optional.empty(), released, tenant);
    }

    /** What an object's own key is bound to. */
    static byte[] keyPlace(ObjectContext context) {
        return join(KEY_PLACE, context.bytes());
    }

    @Override
    public SealedObject seal(ObjectContext context, InputStream plaintext, OutputStream ciphertext)
            throws IOException {
        requireTenant(context);
        byte[] place = context.bytes();
        byte[] key = SealFormat.newKey();
        byte[] wrapped = keys.orElseThrow().seal(key, keyPlace(context));
        byte[] prefix = prefix(wrapped);
        Floe floe = Floe.start(PARAMETERS, key, join(place, prefix));
        Arrays.fill(key, (byte) 0);
        Sink sink = new Sink(ciphertext);
        sink.write(prefix, prefix.length);
        sink.write(floe.header(), Floe.HEADER_BYTES);
        return segments(floe, plaintext, sink);
    }

    private static SealedObject segments(Floe floe, InputStream plaintext, Sink sink)
            throws IOException {
        Cipher cipher = newCipher();
        MessageDigest digest = Hashes.sha256();
        byte[] current = new byte[CHUNK_BYTES];
        byte[] ahead = new byte[CHUNK_BYTES];
        byte[] sealed = new byte[PARAMETERS.segmentBytes()];
        long total = 0;
        try {
            int length = plaintext.readNBytes(current, 0, CHUNK_BYTES);
            // Reading one chunk ahead tells which one is the last.
            for (long position = 0; ; position++) {
                int next = plaintext.readNBytes(ahead, 0, CHUNK_BYTES);
                digest.update(current, 0, length);
                total += length;
                sink.write(sealed, floe.seal(cipher, position, next == 0, current, length, sealed));
                if (next == 0) {
                    break;
                }
                byte[] spare = current;
                current = ahead;
                ahead = spare;
                length = next;
            }
        } finally {
            Arrays.fill(current, (byte) 0);
            Arrays.fill(ahead, (byte) 0);
        }
        return new SealedObject(
                total, Digest.of(digest.digest()), sink.total, Digest.of(sink.digest.digest()));
    }

    @Override
    public OpenedObject open(ObjectContext context, Path ciphertext) throws IOException {
        requireTenant(context);
        FileChannel channel =
                FileChannel.open(
                        ciphertext, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS));
        try {
            return open(context, channel);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private OpenedObject open(ObjectContext context, FileChannel channel) throws IOException {
        byte[] place = context.bytes();
        byte[] start = read(channel, 0, 8);
        ByteBuffer fields = ByteBuffer.wrap(start);
        int magic = fields.getInt();
        int wrappedBytes = fields.getInt();
        if (magic != MAGIC || wrappedBytes < 0 || wrappedBytes > MAX_WRAPPED_BYTES) {
            throw new SealBrokenException("not a sealed object", null);
        }
        byte[] wrapped = read(channel, 8, wrappedBytes);
        byte[] header = read(channel, 8L + wrappedBytes, Floe.HEADER_BYTES);
        byte[] key = opening.release(context, wrapped).reveal();
        Floe floe = Floe.open(PARAMETERS, key, join(place, prefix(wrapped)), header);
        Arrays.fill(key, (byte) 0);
        return FloeObject.open(channel, 8L + wrappedBytes + Floe.HEADER_BYTES, floe);
    }

    private static byte[] read(FileChannel channel, long position, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, position + buffer.position()) < 0) {
                throw new SealBrokenException("a sealed object is cut short in its header", null);
            }
        }
        return buffer.array();
    }

    private void requireTenant(ObjectContext context) {
        if (!context.tenant().equals(tenant)) {
            throw new IllegalArgumentException(
                    "an object of tenant `"
                            + context.tenant()
                            + "` under keys of `"
                            + tenant
                            + "`");
        }
    }

    private static byte[] prefix(byte[] wrapped) {
        return ByteBuffer.allocate(8 + wrapped.length)
                .putInt(MAGIC)
                .putInt(wrapped.length)
                .put(wrapped)
                .array();
    }

    private static byte[] join(byte[] first, byte[] second) {
        byte[] joined = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, joined, first.length, second.length);
        return joined;
    }

    static Cipher newCipher() {
        try {
            return Cipher.getInstance("AES/GCM/NoPadding");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has AES-GCM", e);
        }
    }

    /** Counts and digests what goes out. */
    private static final class Sink {
        private final OutputStream out;
        private final MessageDigest digest = Hashes.sha256();
        private long total;

        Sink(OutputStream out) {
            this.out = out;
        }

        void write(byte[] bytes, int length) throws IOException {
            out.write(bytes, 0, length);
            digest.update(bytes, 0, length);
            total += length;
        }
    }
}
