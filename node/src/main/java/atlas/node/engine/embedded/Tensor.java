package atlas.node.engine.embedded;

import java.lang.foreign.MemorySegment;

/** A matrix (or a vector, as one row) lying in the weights, row after row. */
record Tensor(String name, TensorType type, int rows, int columns, MemorySegment values) {
    /** Where a row begins. */
    long rowOffset(int row) {
        return row * type.rowBytes(columns);
    }
}
