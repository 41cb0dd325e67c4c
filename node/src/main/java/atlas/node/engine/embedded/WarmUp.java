package atlas.node.engine.embedded;

/**
 * Lets the compiler see the loops while nobody waits for an answer. The first pass also shows that
 * the model computes at all; it is made before the model serves.
 */
final class WarmUp {
    private static final long NANOS = 250_000_000;
    private static final int PASSES = 200;
    private static final int WIDE = 16;

    private final LlamaModel model;
    private final int vocabulary;
    private long until;
    private int passes;

    WarmUp(LlamaModel model, int vocabulary) {
        this.model = model;
        this.vocabulary = vocabulary;
    }

    /** One more pass; false when there were enough. */
    boolean pass() {
        if (passes == 1) {
            until = System.nanoTime() + NANOS;
        }
        if (passes > 0 && (passes >= PASSES || System.nanoTime() - until > 0)) {
            return false;
        }
        int count = passes % 4 == 1 ? Math.min(WIDE, model.context) : 1;
        try (KvCache cache = new KvCache(model.shape, count)) {
            LlamaModel.Row[] rows = new LlamaModel.Row[count];
            for (int i = 0; i < count; i++) {
                rows[i] = new LlamaModel.Row(i % vocabulary, cache, i == count - 1);
            }
            model.read(rows);
        }
        passes++;
        return true;
    }
}
