package atlas.journal.search;

import atlas.core.Digest;
import atlas.journal.store.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The index of one journal. Entries come into rows in memory; 4,096 of them are kept on disk as
 * rows, so that a start after a crash opens few entries; 65,536 become a {@link Block}, and the
 * rows go.
 *
 * <p>All of it is a cache. What is missing, was altered or indexes other entries than the log's is
 * made anew, by {@link #mend} in the background or by the search that comes upon it. One thread
 * adds, one keeps; any thread asks.
 */
public final class SearchIndex {
    /** Entries of one block. */
    public static final int BLOCK = Block.ENTRIES;

    /** Entries whose rows are kept together until their block is full. */
    public static final int CHUNK = Block.CHUNK;

    private static final Logger LOG = LoggerFactory.getLogger(SearchIndex.class);
    private static final int CHUNK_LEVEL = 12;
    private static final int BLOCK_LEVEL = 16;
    private static final String TAIL = "tail";

    private final Path directory;
    private final IndexKey key;
    private final Disk disk;
    private final Source source;
    private final ConcurrentSkipListMap<Long, long[]> chunks = new ConcurrentSkipListMap<>();
    private final ReentrantLock keeping = new ReentrantLock();
    private final ConcurrentHashMap<Long, Block.Span> spans = new ConcurrentHashMap<>();
    private volatile long size;
    private long keptChunks;
    private volatile boolean stopped;

    /** The log this is the index of. */
    public interface Source {
        /** The terms of an entry, read from it; none when it can be read no more. */
        Terms terms(long index);

        /** The root of a perfect subtree under the checkpoint. */
        Digest subtree(int level, long index) throws IOException;

        /** The root over the first entries, all under the checkpoint. */
        Digest root(long size) throws IOException;

        /** The first entry that is still there. */
        long first();
    }

    public SearchIndex(Path directory, IndexKey key, Disk disk, Source source) {
        this.directory = directory;
        this.key = key;
        this.disk = disk;
        this.source = source;
    }

    /** Entries known to the index. */
    public long size() {
        return size;
    }

    /** Takes in the next entry. */
    public void add(Terms terms) {
        long chunk = size / CHUNK;
        terms.put(
                chunks.computeIfAbsent(chunk, _ -> new long[Terms.COLUMNS * CHUNK]),
                (int) (size % CHUNK));
        publish(size + 1);
    }

    /** INVARIANT: the volatile write of the size makes the entry's row visible to readers. */
    private void publish(long newSize) {
        size = newSize;
    }

    /**
     * The places within a block that may match, up to entry {@code limit}; those left out certainly
     * do not.
     */
    public BitSet matching(long block, Wanted wanted, long limit) throws IOException {
        long from = block * BLOCK;
        int count = (int) Math.min(BLOCK, limit - from);
        int gone = Math.clamp(source.first() - from, 0, BLOCK);
        BitSet places = new BitSet(count);
        if (gone >= count) {
            return places;
        }
        if (wanted.nothing()) {
            places.set(0, count);
        } else if (!inRows(block, wanted, count, places)) {
            places = inBlock(block, wanted);
        }
        places.clear(0, gone);
        places.clear(count, BLOCK);
        return places;
    }

    /** Looks in memory; false when the rows are not all there any more. */
    private boolean inRows(long block, Wanted wanted, int count, BitSet places) {
        for (int at = 0; at < count; at += CHUNK) {
            long[] rows = chunks.get((block * BLOCK + at) / CHUNK);
            if (rows == null) {
                places.clear();
                return false;
            }
            for (int row = 0; row < Math.min(CHUNK, count - at); row++) {
                if (wanted.at(rows[row * Terms.COLUMNS]) && wanted.terms().match(rows, row)) {
                    places.set(at + row);
                }
            }
        }
        return true;
    }

    private BitSet inBlock(long block, Wanted wanted) throws IOException {
        Block.Span span = spans.get(block);
        if (span != null && !span.meets(wanted)) {
            return new BitSet();
        }
        try {
            return read(block, wanted);
        } catch (NoSuchFileException | SealedFile.StaleException e) {
            return readAnew(block, wanted);
        }
    }

    private synchronized BitSet readAnew(long block, Wanted wanted) throws IOException {
        try {
            return read(block, wanted); // somebody else may have made it meanwhile
        } catch (NoSuchFileException | SealedFile.StaleException e) {
            makeAnew(block, String.valueOf(e.getMessage()));
            return read(block, wanted);
        }
    }

    private BitSet read(long block, Wanted wanted) throws IOException {
        Digest subtree = source.subtree(BLOCK_LEVEL, block);
        try (Block.Reader reader = Block.Reader.open(key, block, subtree, file(block))) {
            spans.put(block, reader.span());
            return reader.matching(wanted);
        }
    }

    private synchronized void makeAnew(long block, String why) throws IOException {
        LOG.atInfo().addKeyValue("block", block).addKeyValue("why", why).log("search block made");
        List<long[]> all = new ArrayList<>();
        long first = block * BLOCK / CHUNK;
        for (long chunk = first; chunk < first + BLOCK / CHUNK; chunk++) {
            long[] rows = keptRows(chunk);
            all.add(rows == null ? rowsFromLog(chunk * CHUNK) : rows);
            if (stopped) {
                throw new IOException("the journal is closing; search again once it is open");
            }
        }
        write(block, all);
        forgetRows(block);
    }

    private long[] rowsFromLog(long from) {
        long[] rows = new long[Terms.COLUMNS * CHUNK];
        for (int row = 0; row < CHUNK; row++) {
            long index = from + row;
            (index < source.first() ? Terms.none(0) : source.terms(index)).put(rows, row);
        }
        return rows;
    }

    private boolean holds(long block) throws IOException {
        Digest subtree = source.subtree(BLOCK_LEVEL, block);
        try (Block.Reader reader = Block.Reader.open(key, block, subtree, file(block))) {
            spans.put(block, reader.span());
            return true;
        } catch (NoSuchFileException | SealedFile.StaleException e) {
            return false;
        }
    }

    private void write(long block, List<long[]> rows) throws IOException {
        Digest subtree = source.subtree(BLOCK_LEVEL, block);
        disk.replace(file(block), Block.content(key, block, subtree, rows));
        disk.syncDirectory(directory);
    }

    /**
     * Brings the rows of the last block back, as far as they were kept, and the rest from the log.
     * Opens at most {@link #CHUNK} entries unless rows are missing; reads nothing of full blocks.
     *
     * @param limit the entries of the log, all under its checkpoint
     */
    public void load(long limit) throws IOException {
        publish(limit / BLOCK * BLOCK);
        keptChunks = size / CHUNK;
        while (size + CHUNK <= limit) {
            long chunk = size / CHUNK;
            long[] rows = keptRows(chunk);
            if (rows == null) {
                chunks.put(chunk, rowsFromLog(size));
            } else {
                chunks.put(chunk, rows);
                keptChunks = keptChunks == chunk ? chunk + 1 : keptChunks;
            }
            publish(size + CHUNK);
        }
        loadTail(limit);
        readTo(limit);
    }

    /** Takes in the entries of the log up to {@code limit} that nobody added. */
    public void readTo(long limit) {
        while (size < limit) {
            add(size < source.first() ? Terms.none(0) : source.terms(size));
        }
    }

    private long @Nullable [] keptRows(long chunk) throws IOException {
        String name = chunkName(chunk);
        try (SealedFile file = SealedFile.open(key, name, directory.resolve(name))) {
            if (SealedFile.begins(file.head(), source.subtree(CHUNK_LEVEL, chunk))) {
                return numbers(file.region(0), CHUNK);
            }
            return null;
        } catch (NoSuchFileException | SealedFile.StaleException e) {
            return null;
        }
    }

    private static long[] numbers(byte[] bytes, int entries) {
        long[] rows = new long[Terms.COLUMNS * CHUNK];
        ByteBuffer.wrap(bytes).asLongBuffer().get(rows, 0, Terms.COLUMNS * entries);
        return rows;
    }

    // Entries never change, so what an older close left is right as far as it goes.
    private void loadTail(long limit) throws IOException {
        try (SealedFile file = SealedFile.open(key, TAIL, directory.resolve(TAIL))) {
            ByteBuffer head = file.head();
            long end = head.getLong(Digest.BYTES);
            if (end <= size || end > limit || end / CHUNK != size / CHUNK) {
                return;
            }
            if (SealedFile.begins(head, source.root(end))) {
                chunks.put(size / CHUNK, numbers(file.region(0), (int) (end % CHUNK)));
                publish(end);
            }
        } catch (NoSuchFileException | SealedFile.StaleException e) {
            // The entries themselves are asked instead.
            return;
        }
    }

    /** Keeps on disk what is full and under a checkpoint of {@code published} entries. */
    public void keep(long published) throws IOException {
        keeping.lock();
        try {
            keepFull(published);
        } finally {
            keeping.unlock();
        }
    }

    private void keepFull(long published) throws IOException {
        for (; (keptChunks + 1) * CHUNK <= published; keptChunks++) {
            long[] rows = chunks.get(keptChunks);
            // Rows that are about to become a block need not be kept before.
            boolean blockFollows = (keptChunks * CHUNK / BLOCK + 1) * BLOCK <= published;
            if (rows != null && !blockFollows) {
                Digest subtree = source.subtree(CHUNK_LEVEL, keptChunks);
                keepRows(chunkName(keptChunks), SealedFile.head(subtree), rows, CHUNK);
            }
        }
        while (!chunks.isEmpty()) {
            long block = chunks.firstKey() * CHUNK / BLOCK;
            if ((block + 1) * BLOCK > published) {
                return;
            }
            keepBlock(block);
        }
    }

    private void keepBlock(long block) throws IOException {
        long first = block * BLOCK / CHUNK;
        long end = first + BLOCK / CHUNK;
        write(block, List.copyOf(chunks.subMap(first, end).values()));
        chunks.headMap(end).clear();
        forgetRows(block);
    }

    private void forgetRows(long block) throws IOException {
        long first = block * BLOCK / CHUNK;
        for (long chunk = first; chunk < first + BLOCK / CHUNK; chunk++) {
            disk.delete(directory.resolve(chunkName(chunk)));
        }
    }

    /** Keeps the rows that fill no chunk, for an orderly close at this tree. */
    public void keepTail(long end, Digest root) throws IOException {
        long[] rows = chunks.get(end / CHUNK);
        if (size == end) {
            int entries = (int) (end % CHUNK);
            byte[] head = SealedFile.head(root, end);
            keepRows(TAIL, head, rows == null ? new long[0] : rows, rows == null ? 0 : entries);
        }
    }

    private void keepRows(String name, byte[] head, long[] rows, int entries) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES * Terms.COLUMNS * entries);
        bytes.asLongBuffer().put(rows, 0, Terms.COLUMNS * entries);
        byte[] content = SealedFile.content(key, name, head, List.of(bytes.array()));
        disk.replace(directory.resolve(name), content);
        disk.syncDirectory(directory);
    }

    /** Makes what is missing anew, newest first, and removes what is of no use; may take long. */
    public void mend() throws IOException {
        long blocks = size / BLOCK;
        for (long block = blocks - 1; block >= source.first() / BLOCK && !stopped; block--) {
            if (chunks.containsKey(block * BLOCK / CHUNK)) {
                continue;
            }
            if (!holds(block)) {
                makeAnew(block, "missing or not of this log");
            }
        }
        List<Path> files;
        try (Stream<Path> all = Files.list(directory)) {
            files = all.toList();
        }
        for (Path file : files) {
            if (!stopped && useless(String.valueOf(file.getFileName()), blocks)) {
                disk.delete(file);
            }
        }
    }

    private boolean useless(String name, long blocks) {
        int dot = name.indexOf('.');
        String number = dot < 0 ? name : name.substring(0, dot);
        if (number.length() < 8 || !number.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return false;
        }
        long value = Long.parseLong(number);
        return switch (dot < 0 ? "" : name.substring(dot)) {
            case ".terms" -> (value + 1) * BLOCK <= source.first();
            case ".rows" -> (value + 1) * CHUNK <= blocks * BLOCK && !chunks.containsKey(value);
            default -> true; // the columns of an index before this one
        };
    }

    /**
     * Forgets what it knows about entries: from now on they are found by what the log says of them
     * today. Their files are overwritten before they go, and made anew when somebody asks.
     */
    public void forget(Collection<Long> entries) throws IOException {
        if (entries.isEmpty()) {
            return;
        }
        keeping.lock();
        try {
            forgetNow(entries);
        } finally {
            keeping.unlock();
        }
    }

    // Whoever makes a block anew may have read the entries as they were: it is waited for.
    private synchronized void forgetNow(Collection<Long> entries) throws IOException {
        Set<Path> files = new TreeSet<>();
        files.add(directory.resolve(TAIL));
        for (long entry : entries) {
            long[] rows = chunks.get(entry / CHUNK);
            if (rows != null) {
                source.terms(entry).put(rows, (int) (entry % CHUNK));
            }
            files.add(directory.resolve(chunkName(entry / CHUNK)));
            files.add(file(entry / BLOCK));
            spans.remove(entry / BLOCK);
        }
        for (Path file : files) {
            disk.erase(file);
        }
        disk.syncDirectory(directory);
    }

    /** Removes the blocks of entries before the first that is still there. */
    public void forget() throws IOException {
        for (long block = source.first() / BLOCK - 1; block >= 0; block--) {
            if (!Files.exists(file(block))) {
                return;
            }
            disk.delete(file(block));
            spans.remove(block);
        }
    }

    /** Lets whatever makes blocks anew end soon. */
    public void stop() {
        stopped = true;
    }

    private Path file(long block) {
        return directory.resolve(Block.name(block));
    }

    private static String chunkName(long chunk) {
        return String.format("%08d.rows", chunk);
    }
}
