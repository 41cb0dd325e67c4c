package atlas.node;

import atlas.core.Digest;
import atlas.core.ModelRef;
import atlas.core.crypto.Hashes;
import atlas.registry.FileRecord;
import atlas.registry.ModelVersion;
import atlas.registry.OpenedModel;
import atlas.registry.RegistryException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Models in memory, opened as a registry would open them. */
final class MemoryModels implements NodeParts.Models {
    private final Map<String, byte[]> files = new ConcurrentHashMap<>();
    final AtomicInteger open = new AtomicInteger();
    private final Map<String, MemorySegment> memory = new ConcurrentHashMap<>();

    void put(ModelRef ref, byte[] gguf) {
        files.put(ref.toString(), gguf);
    }

    @Override
    @SuppressWarnings("MustBeClosed") // the opened model closes it
    public OpenedModel openForServing(ModelRef ref, String node) {
        byte[] bytes = files.get(ref.toString());
        if (bytes == null) {
            throw new RegistryException("no model `" + ref + "`", null);
        }
        Arena arena = Arena.ofShared();
        MemorySegment segment = arena.allocate(bytes.length, 32);
        MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, 0, bytes.length);
        open.incrementAndGet();
        memory.put(ref.toString(), segment);
        return new Opened(version(ref, bytes), arena, segment, open);
    }

    /** Changes one byte of a model where it lies loaded. */
    void disturb(ModelRef ref, long at) {
        MemorySegment bytes = memory.get(ref.toString());
        if (bytes == null) {
            throw new IllegalArgumentException("never opened: " + ref);
        }
        byte there = bytes.get(ValueLayout.JAVA_BYTE, at);
        bytes.set(ValueLayout.JAVA_BYTE, at, (byte) (there ^ 1));
    }

    private static ModelVersion version(ModelRef ref, byte[] bytes) {
        Digest digest = Hashes.sha256(bytes);
        return new ModelVersion(
                ref,
                digest,
                "tests",
                ModelVersion.State.DEPLOYED,
                "alice",
                Instant.EPOCH,
                Optional.of("bob"),
                List.of(new FileRecord("model.gguf", bytes.length, digest)),
                Map.of());
    }

    private record Opened(
            ModelVersion version, Arena arena, MemorySegment segment, AtomicInteger open)
            implements OpenedModel {
        @Override
        public List<String> files() {
            return List.of("model.gguf", "README.md");
        }

        @Override
        public MemorySegment file(String name) {
            return segment.asReadOnly();
        }

        @Override
        public void close() {
            segment.fill((byte) 0);
            arena.close();
            open.decrementAndGet();
        }
    }
}
