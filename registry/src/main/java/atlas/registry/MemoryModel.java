package atlas.registry;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;

/** A loaded version; its memory is zeroed before it is given back. */
final class MemoryModel implements OpenedModel {
    private final ModelVersion version;
    private final Map<String, MemorySegment> segments;
    private final Runnable release;
    // Guarded by this.
    private boolean closed;

    MemoryModel(ModelVersion version, Map<String, MemorySegment> segments, Runnable release) {
        this.version = version;
        this.segments = segments;
        this.release = release;
    }

    @Override
    public ModelVersion version() {
        return version;
    }

    @Override
    public List<String> files() {
        return List.copyOf(segments.keySet());
    }

    @Override
    public MemorySegment file(String name) {
        MemorySegment segment = segments.get(name);
        if (segment == null) {
            throw new IllegalArgumentException(
                    "`" + version.ref() + "` has no file `" + name + "`");
        }
        return segment.asReadOnly();
    }

    /** Zeroes the memory without giving it back. */
    void wipe() {
        segments.values().forEach(segment -> segment.fill((byte) 0));
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            wipe();
            release.run();
        }
    }
}
