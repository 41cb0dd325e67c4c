package atlas.node.engine.process;

import atlas.node.engine.Capabilities;
import atlas.node.engine.Embeddings;
import atlas.node.engine.EngineHealth;
import atlas.node.engine.EngineRefusal;
import atlas.node.engine.Generation;
import atlas.node.engine.GenerationRequest;
import atlas.node.engine.InferenceEngine;
import atlas.node.engine.Prompt;
import atlas.node.engine.TokenSink;
import java.util.List;

/** A model in a child process; closing ends the child and with it its copy of the weights. */
record ProcessInference(Child child, InferenceEngine engine, Sandbox sandbox)
        implements InferenceEngine {
    @Override
    public Capabilities capabilities() {
        return engine.capabilities();
    }

    @Override
    public Generation generate(GenerationRequest request, TokenSink sink) throws EngineRefusal {
        return engine.generate(request, sink);
    }

    @Override
    public Embeddings embed(List<String> texts) throws EngineRefusal {
        return engine.embed(texts);
    }

    @Override
    public int countTokens(Prompt prompt) throws EngineRefusal {
        return engine.countTokens(prompt);
    }

    @Override
    public EngineHealth health() {
        EngineHealth told = engine.health();
        return new EngineHealth(
                child.alive(),
                told.active(),
                told.waiting(),
                told.generatedTokens(),
                "process engine, pid " + child.pid() + ", sandbox: " + sandbox.name());
    }

    @Override
    public void close() {
        engine.close();
        child.close();
    }
}
