package atlas.node.engine.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import atlas.node.engine.EngineException;
import atlas.node.engine.EngineProvider;
import atlas.node.engine.EngineRefusal;
import atlas.node.engine.EngineRefusal.Kind;
import atlas.node.engine.EngineSpec;
import atlas.node.engine.InferenceEngine;
import atlas.node.engine.WeightFormat;
import atlas.node.engine.Weights;
import atlas.node.engine.embedded.JsonTokenizer;
import atlas.node.engine.embedded.TextEncoder;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import java.util.Set;

/**
 * Runs ONNX encoders with a byte-level BPE {@code tokenizer.json} beside them. The session is made
 * from the verified bytes in memory; no file is read or written. The graph takes {@code input_ids}
 * and perhaps {@code attention_mask} and {@code token_type_ids}, and gives {@code
 * last_hidden_state}, of which the mean is taken.
 */
public final class OnnxEmbedder implements EngineProvider {
    static final String TOKENIZER = "tokenizer.json";

    /** Makes no session yet; the native library is loaded with the first model. */
    public OnnxEmbedder() {}

    @Override
    public String id() {
        return "onnx";
    }

    @Override
    public Set<WeightFormat> formats() {
        return Set.of(WeightFormat.ONNX);
    }

    @Override
    public Optional<String> obstacle() {
        return Optional.empty();
    }

    @Override
    public InferenceEngine open(EngineSpec spec, Weights weights) throws EngineRefusal {
        if (weights.format() != WeightFormat.ONNX) {
            throw new EngineRefusal(Kind.BAD_WEIGHTS, "ONNX Runtime reads ONNX files only");
        }
        MemorySegment tokenizer =
                weights.companion(TOKENIZER)
                        .orElseThrow(() ->
                                new EngineRefusal(
                                        Kind.BAD_WEIGHTS,
                                        "an ONNX model needs a `tokenizer.json` beside it"));
        TextEncoder encoder = JsonTokenizer.read(tokenizer.toArray(ValueLayout.JAVA_BYTE));
        OrtEnvironment environment = OrtEnvironment.getEnvironment("atlas");
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            OrtSession session = environment.createSession(weights.bytes().asByteBuffer(), options);
            return new OnnxInference(environment, session, encoder, spec);
        } catch (OrtException e) {
            throw refusal(e);
        }
    }

    private static EngineRefusal refusal(OrtException e) {
        return switch (e.getCode()) {
            case ORT_INVALID_PROTOBUF,
                    ORT_INVALID_GRAPH,
                    ORT_INVALID_ARGUMENT,
                    ORT_NOT_IMPLEMENTED,
                    ORT_NO_MODEL,
                    ORT_FAIL ->
                    new EngineRefusal(Kind.BAD_WEIGHTS, "ONNX Runtime does not accept the model");
            default -> throw new EngineException("ONNX Runtime failed to load a model", e);
        };
    }
}
