package atlas.node;

import atlas.core.json.Json;
import atlas.node.engine.Capabilities;
import atlas.node.engine.EngineHealth;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;

/** What a node says about itself. */
final class NodeStatus {
    private final NodeConfig config;
    private final LoadJourney models;
    private final boolean processSealed;

    NodeStatus(NodeConfig config, LoadJourney models, boolean processSealed) {
        this.config = config;
        this.models = models;
        this.processSealed = processSealed;
    }

    /** The models in the OpenAI dialect. */
    byte[] models() {
        return Json.bytes(out -> {
            out.writeStartObject();
            out.writeStringField("object", "list");
            out.writeArrayFieldStart("data");
            for (LoadedModel model : models.loaded()) {
                out.writeStartObject();
                out.writeStringField("id", model.ref().name());
                out.writeStringField("object", "model");
                out.writeNumberField("created", model.since().getEpochSecond());
                out.writeStringField("owned_by", "atlas");
                out.writeFieldName("atlas");
                write(out, model);
                out.writeEndObject();
            }
            out.writeEndArray();
            out.writeEndObject();
        });
    }

    /** One model in full. */
    byte[] one(LoadedModel model) {
        return Json.bytes(out -> write(out, model));
    }

    /** The node and all its models. */
    byte[] everything() {
        return Json.bytes(out -> {
            out.writeStartObject();
            out.writeStringField("node", config.name());
            out.writeBooleanField("process_undumpable", processSealed);
            out.writeArrayFieldStart("models");
            for (LoadedModel model : models.loaded()) {
                write(out, model);
            }
            out.writeEndArray();
            out.writeEndObject();
        });
    }

    private static void write(JsonGenerator out, LoadedModel model) throws IOException {
        Capabilities can = model.engine().capabilities();
        EngineHealth health = model.engine().health();
        out.writeStartObject();
        out.writeStringField("model", model.ref().toString());
        out.writeStringField("digest", model.version().rootDigest().hex());
        out.writeStringField("signer", model.version().signer());
        out.writeStringField("engine", model.engineId());
        out.writeStringField("isolation", can.isolation());
        out.writeStringField("weights", can.weights());
        out.writeBooleanField("generates", can.generates());
        out.writeBooleanField("embeds", can.embeds());
        out.writeNumberField("context_tokens", can.contextTokens());
        out.writeBooleanField("memory_locked", model.protection().locked());
        out.writeBooleanField("memory_undumped", model.protection().undumped());
        out.writeNumberField("load_millis", model.loadTime().toMillis());
        out.writeBooleanField("alive", health.alive());
        out.writeNumberField("active", health.active());
        out.writeNumberField("waiting", health.waiting());
        out.writeNumberField("generated_tokens", health.generatedTokens());
        out.writeStringField("detail", health.detail());
        out.writeEndObject();
    }
}
