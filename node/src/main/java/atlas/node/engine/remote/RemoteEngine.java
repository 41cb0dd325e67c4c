package atlas.node.engine.remote;

import atlas.core.Sensitive;
import atlas.node.engine.Capabilities;
import atlas.node.engine.EngineProvider;
import atlas.node.engine.EngineSpec;
import atlas.node.engine.InferenceEngine;
import atlas.node.engine.WeightFormat;
import atlas.node.engine.Weights;
import atlas.runtime.http.Headers;
import atlas.runtime.http.Upstream;
import atlas.runtime.http.UpstreamConfig;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * An OpenAI-compatible engine that Atlas did not start: vLLM, a llama.cpp server, Ollama. It is
 * recognised by its certificate, and its weights are {@code unproven}: nothing it says about them
 * can be checked from here.
 */
public final class RemoteEngine implements EngineProvider {
    private final UpstreamConfig where;
    private final String model;
    private final Optional<Sensitive<String>> key;
    private final Duration deadline;

    /**
     * @param model the name the engine knows the model by
     * @param key sent as a bearer token
     * @param deadline for a whole answer
     */
    public RemoteEngine(
            UpstreamConfig where,
            String model,
            Optional<Sensitive<String>> key,
            Duration deadline) {
        this.where = where;
        this.model = model;
        this.key = key;
        this.deadline = deadline;
    }

    @Override
    public String id() {
        return "remote";
    }

    @Override
    public Set<WeightFormat> formats() {
        return Set.of(WeightFormat.REMOTE);
    }

    @Override
    public Optional<String> obstacle() {
        return Optional.empty();
    }

    @Override
    public InferenceEngine open(EngineSpec spec, Weights weights) {
        Headers headers =
                key.isPresent()
                        ? Headers.of("authorization", "Bearer " + key.get().reveal())
                        : Headers.none();
        Capabilities capabilities =
                new Capabilities(
                        true, true, false, false, spec.contextTokens(), "remote", "unproven");
        return new OpenAiInference(
                Upstream.open(where), headers, model, capabilities, spec.maxStreams(), deadline);
    }
}
