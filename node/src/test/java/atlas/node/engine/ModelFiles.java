package atlas.node.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;

/** The models that the project ships, as tests reach them. */
public final class ModelFiles {
    private ModelFiles() {}

    /** The demo language model. */
    public static byte[] demo() {
        return read("atlas-demo/atlas-demo-q8_0.gguf");
    }

    /** The demo embedding model. */
    public static byte[] embed() {
        return read("atlas-embed/atlas-embed-q8_0.gguf");
    }

    private static byte[] read(String name) {
        try {
            return Files.readAllBytes(Path.of("../models").resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException("a shipped model is missing", e);
        }
    }

    /** Weights as the registry would hand them over: off the heap. */
    @SuppressWarnings("MustBeClosed") // the weights close it
    public static Weights weights(byte[] bytes) {
        Arena arena = Arena.ofShared();
        MemorySegment segment = arena.allocate(bytes.length, 32);
        MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, 0, bytes.length);
        return new Weights() {
            @Override
            public WeightFormat format() {
                return WeightFormat.GGUF;
            }

            @Override
            public MemorySegment bytes() {
                return segment.asReadOnly();
            }

            @Override
            public void close() {
                arena.close();
            }
        };
    }
}
