package atlas.node.engine.embedded;

import atlas.node.engine.EngineException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Reads texts one after the other and keeps the mean of each one's states, as a unit vector. */
final class EmbeddingTask implements Task {
    final CompletableFuture<List<float[]>> result = new CompletableFuture<>();
    private final List<int[]> texts;
    private final LlamaShape shape;
    private final List<float[]> vectors = new ArrayList<>();
    private float[] sum;
    private KvCache cache;
    private int read;

    EmbeddingTask(List<int[]> texts, LlamaShape shape) {
        this.texts = texts;
        this.shape = shape;
        sum = new float[shape.width()];
        cache = new KvCache(shape, texts.getFirst().length);
    }

    private int[] text() {
        return texts.get(vectors.size());
    }

    @Override
    public int due() {
        return text().length - read;
    }

    @Override
    public void contribute(List<LlamaModel.Row> batch, int count) {
        for (int i = 0; i < count; i++) {
            batch.add(new LlamaModel.Row(text()[read++], cache, false));
        }
    }

    @Override
    public boolean advance(LlamaModel model, int first, int count, int[] at) {
        int width = shape.width();
        for (int j = first; j < first + count; j++) {
            for (int i = 0; i < width; i++) {
                sum[i] += model.hidden()[j * width + i];
            }
        }
        if (read < text().length) {
            return false;
        }
        vectors.add(unit(sum));
        cache.close();
        if (vectors.size() == texts.size()) {
            result.complete(vectors);
            return true;
        }
        sum = new float[width];
        read = 0;
        cache = new KvCache(shape, text().length);
        return false;
    }

    /** The direction of the sum, which is also that of the mean. */
    private static float[] unit(float[] sum) {
        double squares = 0;
        for (float value : sum) {
            squares += (double) value * value;
        }
        float scale = squares == 0 ? 0 : (float) (1 / Math.sqrt(squares));
        float[] unit = new float[sum.length];
        for (int i = 0; i < sum.length; i++) {
            unit[i] = sum[i] * scale;
        }
        return unit;
    }

    @Override
    public boolean cancelled() {
        return result.isCancelled();
    }

    @Override
    public void stop() {
        cache.close();
        result.cancel(false);
    }

    @Override
    public void fail(EngineException fault) {
        cache.close();
        result.completeExceptionally(fault);
    }
}
