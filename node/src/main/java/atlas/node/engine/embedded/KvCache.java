package atlas.node.engine.embedded;

import java.util.Arrays;

/** The keys and values of one request's tokens so far. One request, one cache, never reused. */
final class KvCache implements AutoCloseable {
    final float[][] keys;
    final float[][] values;
    private final int capacity;
    private int length;

    KvCache(LlamaShape shape, int capacity) {
        this.capacity = capacity;
        int size = Math.multiplyExact(capacity, shape.keyWidth());
        keys = new float[shape.layers()][size];
        values = new float[shape.layers()][size];
    }

    int length() {
        return length;
    }

    /** Takes the next place. */
    int append() {
        if (length == capacity) {
            throw new IllegalStateException("the cache is full");
        }
        return length++;
    }

    @Override
    public void close() {
        for (float[] layer : keys) {
            Arrays.fill(layer, 0);
        }
        for (float[] layer : values) {
            Arrays.fill(layer, 0);
        }
    }
}
