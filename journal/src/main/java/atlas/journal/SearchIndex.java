package atlas.journal;

import atlas.core.Digest;
import atlas.core.crypto.Hashes;
import atlas.core.crypto.SealBrokenException;
import atlas.core.crypto.Sealer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;

/**
 * Four numbers per entry (time, and hashes of kind, principal and request id) in blocks of 4,096:
 * 32 MB for a million entries, so that a search opens only what may match.
 *
 * <p>Full blocks are kept sealed beside the log, each followed by the SHA-256 of its sealed form,
 * and on an orderly close so is the rest; they are a cache, made anew from the entries when
 * missing. One thread adds; any thread reads.
 */
final class SearchIndex {
    static final int BLOCK = 4096;
    private static final int COLUMNS = 4;
    private static final String TAIL = "tail";

    private final Path directory;
    private final Sealer sealer;
    private final String origin;
    private volatile long[][] blocks = new long[4][];
    private volatile long size;
    private long loadedBlocks;

    SearchIndex(Path directory, Sealer sealer, String origin) {
        this.directory = directory;
        this.sealer = sealer;
        this.origin = origin;
    }

    long size() {
        return size;
    }

    /** Blocks that {@link #load} found in place. */
    long loadedBlocks() {
        return loadedBlocks;
    }

    void add(Instant when, SearchKeys keys) {
        int slot = (int) (size % BLOCK);
        long[] block = slot == 0 ? newBlock() : blocks[(int) (size / BLOCK)];
        block[COLUMNS * slot] = when.toEpochMilli();
        block[COLUMNS * slot + 1] = SearchKeys.hash(keys.kind());
        block[COLUMNS * slot + 2] = SearchKeys.hash(keys.principal());
        block[COLUMNS * slot + 3] = SearchKeys.hash(keys.requestId());
        publish(size + 1);
    }

    private long[] newBlock() {
        int number = (int) (size / BLOCK);
        long[][] grown = number < blocks.length ? blocks : Arrays.copyOf(blocks, 2 * number);
        grown[number] = new long[COLUMNS * BLOCK];
        blocks = grown;
        return grown[number];
    }

    /** INVARIANT: the volatile write of the size makes the entry's numbers visible to readers. */
    private void publish(long newSize) {
        size = newSize;
    }

    /** Whether entry {@code index} may match; false is certain. */
    boolean mayMatch(long index, JournalQuery query) {
        long[] block = blocks[(int) (index / BLOCK)];
        int at = COLUMNS * (int) (index % BLOCK);
        return query.since().map(since -> block[at] >= since.toEpochMilli()).orElse(true)
                && query.until().map(until -> block[at] <= until.toEpochMilli()).orElse(true)
                && hashes(block[at + 1], query.kind())
                && hashes(block[at + 2], query.principal())
                && hashes(block[at + 3], query.requestId());
    }

    private static boolean hashes(long hash, Optional<String> key) {
        return key.isEmpty() || hash == SearchKeys.hash(key.get());
    }

    /** Loads the sealed blocks there are, up to {@code limit} entries or the first gap. */
    void load(long limit) throws IOException {
        while (size + BLOCK <= limit) {
            Path file = file(size / BLOCK);
            if (!Files.exists(file)) {
                return;
            }
            Optional<byte[]> plain = opened(file, Long.toString(size / BLOCK));
            if (plain.isEmpty()) {
                return;
            }
            ByteBuffer.wrap(plain.get()).asLongBuffer().get(newBlock());
            publish(size + BLOCK);
            loadedBlocks++;
        }
        loadTail(limit);
    }

    // Entries never change, so what an older close left is right as far as it goes.
    private void loadTail(long limit) throws IOException {
        if (!Files.exists(tail())) {
            return;
        }
        Optional<byte[]> plain = opened(tail(), TAIL);
        if (plain.isEmpty() || plain.get().length < Long.BYTES) {
            return;
        }
        ByteBuffer bytes = ByteBuffer.wrap(plain.get());
        long end = bytes.getLong();
        if (end <= size || end > limit || end / BLOCK != size / BLOCK) {
            return;
        }
        bytes.asLongBuffer().get(newBlock(), 0, COLUMNS * (int) (end % BLOCK));
        publish(end);
    }

    private Optional<byte[]> opened(Path file, String what) throws IOException {
        byte[] content = Files.readAllBytes(file);
        int sealedLength = content.length - Digest.BYTES;
        if (sealedLength < 0) {
            return Optional.empty();
        }
        try {
            byte[] sealed = Arrays.copyOf(content, sealedLength);
            return Optional.of(sealer.open(sealed, associatedData(what)));
        } catch (SealBrokenException e) {
            return Optional.empty();
        }
    }

    /** The content of a full block's file. */
    byte[] sealed(long block) {
        ByteBuffer plain = ByteBuffer.allocate(COLUMNS * BLOCK * Long.BYTES);
        plain.asLongBuffer().put(blocks[(int) block]);
        return sealed(plain.array(), Long.toString(block));
    }

    /** The content of the file for what follows the last full block. */
    byte[] sealedTail() {
        int entries = (int) (size % BLOCK);
        ByteBuffer plain = ByteBuffer.allocate(Long.BYTES * (1 + COLUMNS * entries));
        plain.putLong(size);
        if (entries > 0) {
            plain.asLongBuffer().put(blocks[(int) (size / BLOCK)], 0, COLUMNS * entries);
        }
        return sealed(plain.array(), TAIL);
    }

    private byte[] sealed(byte[] plain, String what) {
        byte[] sealed = sealer.seal(plain, associatedData(what));
        byte[] content = Arrays.copyOf(sealed, sealed.length + Digest.BYTES);
        System.arraycopy(Hashes.sha256(sealed).bytes(), 0, content, sealed.length, Digest.BYTES);
        return content;
    }

    Path file(long block) {
        return directory.resolve(String.format("%08d", block));
    }

    Path tail() {
        return directory.resolve(TAIL);
    }

    private byte[] associatedData(String what) {
        String bound = "atlas-journal-index/v1\n" + origin + "\n" + what;
        return bound.getBytes(StandardCharsets.UTF_8);
    }
}
