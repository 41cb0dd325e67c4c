package atlas.node.engine.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import atlas.node.engine.Capabilities;
import atlas.node.engine.Embeddings;
import atlas.node.engine.EngineException;
import atlas.node.engine.EngineHealth;
import atlas.node.engine.EngineRefusal;
import atlas.node.engine.EngineRefusal.Kind;
import atlas.node.engine.EngineSpec;
import atlas.node.engine.Generation;
import atlas.node.engine.GenerationRequest;
import atlas.node.engine.InferenceEngine;
import atlas.node.engine.Prompt;
import atlas.node.engine.TokenSink;
import atlas.node.engine.embedded.TextEncoder;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;

/** An ONNX encoder that is loaded. */
final class OnnxInference implements InferenceEngine {
    private static final String IDS = "input_ids";
    private static final String MASK = "attention_mask";
    private static final String TYPES = "token_type_ids";
    private static final String STATES = "last_hidden_state";

    private final OrtEnvironment environment;
    private final OrtSession session;
    private final TextEncoder encoder;
    private final int context;
    private final int places;
    private final Semaphore free;
    private volatile boolean closed;

    OnnxInference(
            OrtEnvironment environment, OrtSession session, TextEncoder encoder, EngineSpec spec)
            throws EngineRefusal, OrtException {
        Set<String> inputs = session.getInputNames();
        if (!inputs.contains(IDS)
                || !Set.of(IDS, MASK, TYPES).containsAll(inputs)
                || !session.getOutputNames().contains(STATES)) {
            session.close();
            throw new EngineRefusal(
                    Kind.BAD_WEIGHTS,
                    "the ONNX graph must take `input_ids` and give `last_hidden_state`");
        }
        this.environment = environment;
        this.session = session;
        this.encoder = encoder;
        this.context = spec.contextTokens();
        this.places = spec.maxStreams();
        this.free = new Semaphore(places);
    }

    @Override
    public Capabilities capabilities() {
        return new Capabilities(false, true, false, false, context, "in-process", "verified");
    }

    @Override
    public Generation generate(GenerationRequest request, TokenSink sink) throws EngineRefusal {
        throw new EngineRefusal(Kind.UNSUPPORTED, "this model makes embeddings, not text");
    }

    @Override
    public Embeddings embed(List<String> texts) throws EngineRefusal {
        if (closed) {
            throw new EngineRefusal(Kind.CLOSED, "the engine is closing");
        }
        if (!free.tryAcquire()) {
            throw new EngineRefusal(Kind.BUSY, "the engine has no free place, try again later");
        }
        try {
            List<float[]> vectors = new ArrayList<>();
            int total = 0;
            for (String text : texts) {
                int[] ids = tokens(text);
                vectors.add(run(ids));
                total += ids.length;
            }
            return new Embeddings(vectors, total);
        } catch (OrtException e) {
            throw new EngineException("ONNX Runtime failed", e);
        } finally {
            free.release();
        }
    }

    private int[] tokens(String text) throws EngineRefusal {
        int[] ids = encoder.encode(text);
        if (ids.length == 0) {
            throw new EngineRefusal(Kind.INVALID, "there is no text to embed");
        }
        if (ids.length > context) {
            throw new EngineRefusal(Kind.TOO_LONG, "a text has more than " + context + " tokens");
        }
        return ids;
    }

    private float[] run(int[] ids) throws OrtException {
        Map<String, OnnxTensor> inputs = new HashMap<>();
        try {
            for (String name : session.getInputNames()) {
                long[] values = new long[ids.length];
                Arrays.setAll(
                        values,
                        i ->
                                switch (name) {
                                    case IDS -> ids[i];
                                    case MASK -> 1;
                                    default -> 0;
                                });
                long[] shape = {1, ids.length};
                inputs.put(
                        name, OnnxTensor.createTensor(environment, LongBuffer.wrap(values), shape));
            }
            try (OrtSession.Result result = session.run(inputs, Set.of(STATES))) {
                return meanDirection(result.get(0).getValue());
            }
        } finally {
            inputs.values().forEach(OnnxTensor::close);
        }
    }

    /** The mean of the token states as a unit vector. */
    private static float[] meanDirection(Object states) {
        if (!(states instanceof float[][][] batch) || batch.length != 1 || batch[0].length == 0) {
            throw new EngineException("the ONNX graph gave no token states", null);
        }
        float[] sum = new float[batch[0][0].length];
        for (float[] token : batch[0]) {
            for (int i = 0; i < sum.length; i++) {
                sum[i] += token[i];
            }
        }
        double squares = 0;
        for (float value : sum) {
            squares += (double) value * value;
        }
        float scale = squares == 0 ? 0 : (float) (1 / Math.sqrt(squares));
        for (int i = 0; i < sum.length; i++) {
            sum[i] *= scale;
        }
        return sum;
    }

    @Override
    public int countTokens(Prompt prompt) throws EngineRefusal {
        return switch (prompt) {
            case Prompt.Text text -> encoder.encode(text.text()).length;
            case Prompt.Chat chat ->
                    throw new EngineRefusal(Kind.UNSUPPORTED, "this model does not chat");
        };
    }

    @Override
    public EngineHealth health() {
        return new EngineHealth(
                !closed, places - free.availablePermits(), 0, 0, "ONNX Runtime, native code");
    }

    @Override
    public void close() {
        closed = true;
        // Waits for what is under way: the session must not vanish beneath it.
        free.acquireUninterruptibly(places);
        try {
            session.close();
        } catch (OrtException e) {
            throw new EngineException("ONNX Runtime could not let go of the model", e);
        }
    }
}
