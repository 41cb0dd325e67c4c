package atlas.journal.search;

import atlas.core.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * An immutable block over 65,536 entries: where each term occurs, and when each entry was made.
 *
 * <p>Regions 0 to 15 are times, four bytes of seconds after the block's earliest for each of 4,096
 * entries. Those after are buckets: a term lies in the bucket its first bits name, so that asking
 * for a term reads the head and one bucket. In a bucket each term has eight bytes, a count less
 * one, and its places as two bytes each, or as a bitmap when they are more than 4,096.
 */
final class Block {
    static final int ENTRIES = 65_536;
    static final int CHUNK = 4096;
    private static final int CHUNKS = ENTRIES / CHUNK;
    private static final int MOST_LISTED = 4096;
    private static final int BITMAP = ENTRIES / 8;
    private static final int TERMS_IN_BUCKET = 64;
    private static final int MOST_BUCKETS = 4096;
    private static final long LATEST_SECOND = 0xFFFF_FFFFL;

    private Block() {}

    static String name(long block) {
        return String.format("%08d.terms", block);
    }

    /** The file of a block, from the rows of its sixteen chunks. */
    static byte[] content(IndexKey key, long block, Digest subtree, List<long[]> chunks) {
        Postings postings = new Postings();
        long earliest = Long.MAX_VALUE;
        long latest = Long.MIN_VALUE;
        for (int i = 0; i < ENTRIES; i++) {
            long[] rows = chunks.get(i / CHUNK);
            int at = i % CHUNK * Terms.COLUMNS;
            earliest = Math.min(earliest, rows[at]);
            latest = Math.max(latest, rows[at]);
            for (int column = 1; column < Terms.COLUMNS; column++) {
                if (rows[at + column] != 0) {
                    postings.add(rows[at + column], i);
                }
            }
        }
        List<byte[]> regions = new ArrayList<>();
        for (long[] rows : chunks) {
            regions.add(seconds(rows, earliest));
        }
        int wanted = Math.max(1, postings.terms() / TERMS_IN_BUCKET);
        int buckets = Math.min(MOST_BUCKETS, Integer.highestOneBit(wanted));
        regions.addAll(postings.buckets(buckets));
        byte[] head = SealedFile.head(subtree, earliest, latest);
        return SealedFile.content(key, name(block), head, regions);
    }

    private static byte[] seconds(long[] rows, long earliest) {
        ByteBuffer out = ByteBuffer.allocate(4 * CHUNK);
        for (int i = 0; i < CHUNK; i++) {
            long after = (rows[i * Terms.COLUMNS] - earliest) / 1000;
            out.putInt((int) Math.min(after, LATEST_SECOND));
        }
        return out.array();
    }

    static int bucket(long term, int buckets) {
        int bits = Integer.numberOfTrailingZeros(buckets);
        return bits == 0 ? 0 : (int) (term >>> (Long.SIZE - bits));
    }

    /** Writes one term and the places it occurs at, ascending. */
    static void write(ByteBuffer out, long term, char[] places, int count) {
        out.putLong(term).putShort((short) (count - 1));
        if (count <= MOST_LISTED) {
            for (int i = 0; i < count; i++) {
                out.putChar(places[i]);
            }
        } else {
            byte[] bitmap = new byte[BITMAP];
            for (int i = 0; i < count; i++) {
                bitmap[places[i] / 8] |= (byte) (1 << places[i] % 8);
            }
            out.put(bitmap);
        }
    }

    /** Bytes {@link #write} takes. */
    static int written(int count) {
        return 10 + (count <= MOST_LISTED ? 2 * count : BITMAP);
    }

    /** The earliest and the latest time in a block. */
    record Span(long earliest, long latest) {
        boolean meets(Wanted wanted) {
            return latest >= wanted.since() && earliest <= wanted.until();
        }

        boolean inside(Wanted wanted) {
            return wanted.at(earliest) && wanted.at(latest);
        }
    }

    /** An open block. Belongs to one thread. */
    static final class Reader implements AutoCloseable {
        private final SealedFile file;
        private final Span span;

        private Reader(SealedFile file, Span span) {
            this.file = file;
            this.span = span;
        }

        /** Opens a block, if it is the one over this subtree. */
        static Reader open(IndexKey key, long block, Digest subtree, Path path) throws IOException {
            SealedFile file = SealedFile.open(key, name(block), path);
            ByteBuffer head = file.head();
            boolean right = SealedFile.begins(head, subtree) && head.remaining() == 16;
            if (!right || Integer.bitCount(file.regions() - CHUNKS) != 1) {
                file.close();
                throw new SealedFile.StaleException(
                        "`" + path.getFileName() + "` indexes other entries than the log's");
            }
            return new Reader(file, new Span(head.getLong(), head.getLong()));
        }

        Span span() {
            return span;
        }

        /** The places that match. */
        BitSet matching(Wanted wanted) throws IOException {
            BitSet places = new BitSet(ENTRIES);
            if (!span.meets(wanted)) {
                return places;
            }
            places.set(0, ENTRIES);
            for (long term : wanted.terms().wanted()) {
                places.and(places(term));
                if (places.isEmpty()) {
                    return places;
                }
            }
            if (!span.inside(wanted)) {
                keepInTime(places, wanted);
            }
            return places;
        }

        private BitSet places(long term) throws IOException {
            int bucket = bucket(term, file.regions() - CHUNKS);
            ByteBuffer in = ByteBuffer.wrap(file.region(CHUNKS + bucket));
            while (in.hasRemaining()) {
                boolean found = in.getLong() == term;
                int count = Short.toUnsignedInt(in.getShort()) + 1;
                if (found) {
                    return places(in, count);
                }
                in.position(in.position() + written(count) - 10);
            }
            return new BitSet();
        }

        private static BitSet places(ByteBuffer in, int count) {
            if (count > MOST_LISTED) {
                return BitSet.valueOf(in.slice(in.position(), BITMAP));
            }
            BitSet places = new BitSet(ENTRIES);
            for (int i = 0; i < count; i++) {
                places.set(in.getChar());
            }
            return places;
        }

        private void keepInTime(BitSet places, Wanted wanted) throws IOException {
            for (int chunk = 0; chunk < CHUNKS; chunk++) {
                int at = places.nextSetBit(chunk * CHUNK);
                int end = (chunk + 1) * CHUNK;
                if (at < 0 || at >= end) {
                    continue;
                }
                ByteBuffer seconds = ByteBuffer.wrap(file.region(chunk));
                for (; at >= 0 && at < end; at = places.nextSetBit(at + 1)) {
                    long after = Integer.toUnsignedLong(seconds.getInt(4 * (at % CHUNK)));
                    long from = span.earliest() + 1000 * after;
                    boolean late = after == LATEST_SECOND; // as late as four bytes can say
                    if (!late && (from > wanted.until() || from + 999 < wanted.since())) {
                        places.clear(at);
                    }
                }
            }
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }

    /** Where each term occurs, gathered. */
    private static final class Postings {
        private final Map<Long, Places> all = new HashMap<>();

        private static final class Places {
            char[] places = new char[2];
            int count;
        }

        void add(long term, int place) {
            Places list = all.computeIfAbsent(term, _ -> new Places());
            if (list.count > 0 && list.places[list.count - 1] == place) {
                return;
            }
            if (list.count == list.places.length) {
                list.places = Arrays.copyOf(list.places, 2 * list.count);
            }
            list.places[list.count++] = (char) place;
        }

        int terms() {
            return all.size();
        }

        List<byte[]> buckets(int buckets) {
            int[] sizes = new int[buckets];
            all.forEach((term, list) -> sizes[bucket(term, buckets)] += written(list.count));
            ByteBuffer[] out = new ByteBuffer[buckets];
            Arrays.setAll(out, i -> ByteBuffer.allocate(sizes[i]));
            all.forEach((term, list) ->
                    write(out[bucket(term, buckets)], term, list.places, list.count));
            return Arrays.stream(out).map(ByteBuffer::array).toList();
        }
    }
}
