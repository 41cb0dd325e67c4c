package atlas.node.engine.embedded;

import atlas.node.engine.EngineProvider;
import atlas.node.engine.EngineRefusal;
import atlas.node.engine.EngineSpec;
import atlas.node.engine.InferenceEngine;
import atlas.node.engine.WeightFormat;
import atlas.node.engine.Weights;
import java.util.Optional;
import java.util.Set;

/**
 * Runs GGUF models of the llama family (F32, F16, Q8_0) in this process, in Java alone: a broken
 * file or a hostile prompt can make it refuse, never crash the process. Fit for models up to about
 * half a billion weights.
 */
public final class EmbeddedEngine implements EngineProvider {
    private final Kernels kernels;

    /** With the fastest kernels that run well here. */
    public EmbeddedEngine() {
        this(Kernels.best());
    }

    EmbeddedEngine(Kernels kernels) {
        this.kernels = kernels;
    }

    @Override
    public String id() {
        return "embedded";
    }

    @Override
    public Set<WeightFormat> formats() {
        return Set.of(WeightFormat.GGUF);
    }

    @Override
    public Optional<String> obstacle() {
        return Optional.empty();
    }

    @Override
    public InferenceEngine open(EngineSpec spec, Weights weights) throws EngineRefusal {
        if (weights.format() != WeightFormat.GGUF) {
            throw new EngineRefusal(
                    EngineRefusal.Kind.BAD_WEIGHTS, "the embedded engine reads GGUF files only");
        }
        try {
            GgufFile file = GgufFile.read(weights.bytes());
            Tokenizer tokenizer = new Tokenizer(file);
            LlamaModel model = new LlamaModel(file, kernels, spec.contextTokens());
            return new EmbeddedInference(spec, model, tokenizer);
        } catch (GgufException e) {
            throw new EngineRefusal(EngineRefusal.Kind.BAD_WEIGHTS, e.reason());
        }
    }
}
