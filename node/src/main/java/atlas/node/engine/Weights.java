package atlas.node.engine;

import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * Verified plaintext weights in memory. Whoever opened them closes them, after the engine that
 * reads them is closed; closing wipes.
 */
public interface Weights extends AutoCloseable {
    /** The form of the bytes. */
    WeightFormat format();

    /** The bytes; readable from any thread until {@link #close}. */
    MemorySegment bytes();

    /** Another file of the same verified model, when it has one of this name. */
    default Optional<MemorySegment> companion(String name) {
        return Optional.empty();
    }

    @Override
    void close();

    /** For engines that hold no weights here. */
    static Weights none() {
        return new Weights() {
            @Override
            public WeightFormat format() {
                return WeightFormat.REMOTE;
            }

            @Override
            public MemorySegment bytes() {
                return MemorySegment.NULL;
            }

            @Override
            public void close() {
                // nothing is held
            }
        };
    }
}
