package atlas.journal;

import atlas.journal.Trace.Event;
import atlas.journal.Trace.Kind;
import atlas.journal.store.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Set;

/** A disk that does everything and remembers it. */
final class RecordedDisk implements Disk {
    private static final byte[] NOTHING = new byte[0];

    private final Disk disk;
    private final Trace trace;
    private final Set<Kind> ignored;

    /** A disk that claims to do what it is asked, but for the kinds of calls it ignores. */
    RecordedDisk(Disk disk, Trace trace, Set<Kind> ignored) {
        this.disk = disk;
        this.trace = trace;
        this.ignored = Set.copyOf(ignored);
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }

    @Override
    public Segment create(Path path, ByteBuffer beginning, long bytes) throws IOException {
        Event event = trace.begin(Kind.CREATE, path, bytes, bytes(beginning));
        Segment segment = disk.create(path, beginning, bytes);
        trace.end(event);
        return new RecordedSegment(segment);
    }

    @Override
    public Segment open(Path path) throws IOException {
        return new RecordedSegment(disk.open(path));
    }

    @Override
    public void replace(Path path, byte[] content) throws IOException {
        Event event = trace.begin(Kind.REPLACE, path, 0, content.clone());
        disk.replace(path, content);
        trace.end(event);
    }

    @Override
    public void syncDirectory(Path directory) throws IOException {
        if (ignored.contains(Kind.SYNC_DIRECTORY)) {
            return;
        }
        Event event = trace.begin(Kind.SYNC_DIRECTORY, directory, 0, NOTHING);
        disk.syncDirectory(directory);
        trace.end(event);
    }

    @Override
    public void delete(Path path) throws IOException {
        Event event = trace.begin(Kind.DELETE, path, 0, NOTHING);
        disk.delete(path);
        trace.end(event);
    }

    @Override
    public long usable(Path directory) throws IOException {
        return disk.usable(directory);
    }

    private final class RecordedSegment implements Segment {
        private final Segment segment;

        RecordedSegment(Segment segment) {
            this.segment = segment;
        }

        @Override
        public Path path() {
            return segment.path();
        }

        @Override
        public void write(ByteBuffer bytes, long position) throws IOException {
            Event event = trace.begin(Kind.WRITE, path(), position, bytes(bytes));
            segment.write(bytes, position);
            trace.end(event);
        }

        @Override
        public void force() throws IOException {
            if (ignored.contains(Kind.FORCE)) {
                return;
            }
            Event event = trace.begin(Kind.FORCE, path(), 0, NOTHING);
            segment.force();
            trace.end(event);
        }

        @Override
        public boolean linked() throws IOException {
            return segment.linked();
        }

        @Override
        public void close() throws IOException {
            segment.close();
        }
    }
}
