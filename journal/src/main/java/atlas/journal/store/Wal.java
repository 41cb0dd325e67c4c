package atlas.journal.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.zip.CRC32C;

/**
 * The write-ahead log: numbered segments of zeros, written over from the front.
 *
 * <p>{@link #append} and {@link #force} belong to the committer's thread; the next segment is made
 * ready on another, so that the committer waits for zeros only when it outruns the disk. {@link
 * #releaseBelow} may be called from anywhere.
 */
public final class Wal implements AutoCloseable {
    static final int MAGIC = 0x41575331;
    static final int HEADER = 4096;

    private final Disk disk;
    private final Path directory;
    private final int segmentBytes;
    private final byte[] origin;
    private final ExecutorService preparer =
            Executors.newSingleThreadExecutor(
                    Thread.ofPlatform().daemon(true).name("journal-segments").factory());
    private final ConcurrentSkipListMap<Long, Path> live = new ConcurrentSkipListMap<>();
    private long number;
    private Disk.Segment current;
    private Future<Disk.Segment> next;
    private int position = HEADER;

    /** Where a frame lies. */
    public record Place(long segment, Path path, int offset) {}

    private Wal(
            Disk disk,
            Path directory,
            int segmentBytes,
            byte[] origin,
            long number,
            Disk.Segment first) {
        this.disk = disk;
        this.directory = directory;
        this.segmentBytes = segmentBytes;
        this.origin = origin;
        this.number = number;
        this.current = first;
        live.put(number, first.path());
        this.next = prepare(number + 1);
    }

    /** Starts writing at a fresh segment with this number. */
    public static Wal start(Disk disk, Path directory, int segmentBytes, byte[] origin, long number)
            throws IOException {
        Disk.Segment first =
                disk.create(
                        path(directory, number),
                        header(number, segmentBytes, origin),
                        segmentBytes);
        return new Wal(disk, directory, segmentBytes, origin, number, first);
    }

    /** The file of a segment. */
    public static Path path(Path directory, long number) {
        return directory.resolve(String.format("%016d.wal", number));
    }

    /** The most bytes a frame may have. */
    public static int largestFrame(int segmentBytes) {
        return Math.min(2 << 20, segmentBytes - HEADER);
    }

    static ByteBuffer header(long number, int segmentBytes, byte[] origin) {
        ByteBuffer header = ByteBuffer.allocate(HEADER);
        header.putInt(MAGIC).putInt(1).putLong(number).putLong(segmentBytes).put(origin);
        CRC32C crc = new CRC32C();
        crc.update(header.array(), 0, header.position());
        header.putInt((int) crc.getValue());
        return header.rewind();
    }

    private Future<Disk.Segment> prepare(long segment) {
        return preparer.submit(() ->
                disk.create(
                        path(directory, segment),
                        header(segment, segmentBytes, origin),
                        segmentBytes));
    }

    /** Writes a padded frame where the last one ended; it is not durable before {@link #force}. */
    public Place append(ByteBuffer frame) throws IOException {
        if (position + frame.remaining() > segmentBytes) {
            advance();
        }
        Place place = new Place(number, current.path(), position);
        int length = frame.remaining();
        current.write(frame, position);
        position += length;
        return place;
    }

    /** Makes every frame appended so far durable, and makes sure that they have a name. */
    public void force() throws IOException {
        current.force();
        if (!current.linked()) {
            throw new IOException(
                    "the write-ahead segment `" + current.path() + "` was removed while in use");
        }
    }

    private void advance() throws IOException {
        current.force();
        current.close();
        try {
            current = next.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while a segment was made ready", e);
        } catch (ExecutionException e) {
            throw new IOException("a write-ahead segment could not be made ready", e.getCause());
        }
        number++;
        live.put(number, current.path());
        position = HEADER;
        next = prepare(number + 1);
    }

    /** Removes segments before this one; what they held is durable elsewhere. */
    public void releaseBelow(long segment) throws IOException {
        remove(disk, directory, List.copyOf(live.headMap(segment).values()));
        live.headMap(segment).clear();
    }

    /**
     * Removes segments, oldest first, each for good before the next: of segments removed together a
     * power cut may bring back any, and a gap among those left reads as a loss.
     */
    public static void remove(Disk disk, Path directory, List<Path> segments) throws IOException {
        for (Path segment : segments) {
            disk.delete(segment);
            disk.syncDirectory(directory);
        }
    }

    /** Bytes in segments not yet released. */
    public long bytes() {
        return (long) live.size() * segmentBytes;
    }

    /** Stops; the segments stay where they are. */
    @Override
    public void close() throws IOException {
        preparer.close();
        current.close();
        if (next.state() == Future.State.SUCCESS) {
            next.resultNow().close();
        }
    }
}
