package atlas.registry;

import atlas.core.Digest;
import atlas.core.ModelRef;
import atlas.core.json.Json;
import atlas.registry.Admission.Admitted;
import atlas.registry.Admission.NotAdmitted;
import atlas.registry.ModelRegistry.Deployed;
import atlas.registry.json.StrictJson;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a registry elsewhere admitted at one moment, for a process that follows it. Immutable. The
 * registry's word has to be authenticated before it is read here.
 */
public final class DeployedModels {
    private final List<Deployed> deployed;
    private final Map<String, Deployed> byName = new HashMap<>();

    public DeployedModels(List<Deployed> deployed) {
        this.deployed = List.copyOf(deployed);
        deployed.forEach(one -> byName.put(one.version().ref().name(), one));
    }

    /** As {@link ServingModels#admit}; a signer whose certificate ended since vouches no more. */
    public Admission admit(String name, Instant now) {
        Deployed found = byName.get(name);
        if (found == null) {
            return new NotAdmitted("no version of this name is deployed");
        }
        if (found.until().isPresent() && now.isAfter(found.until().get())) {
            return new NotAdmitted(
                    "the certificate of its signer expired at " + found.until().get());
        }
        return new Admitted(found.version());
    }

    public List<ModelVersion> list() {
        return deployed.stream().map(Deployed::version).toList();
    }

    /** As JSON; {@link #parse} reads it. */
    public byte[] json() {
        return Json.bytes(out -> {
            out.writeStartArray();
            for (Deployed one : deployed) {
                write(out, one);
            }
            out.writeEndArray();
        });
    }

    private static void write(JsonGenerator out, Deployed one) throws IOException {
        ModelVersion version = one.version();
        out.writeStartObject();
        out.writeStringField("model", version.ref().toString());
        out.writeStringField("root_digest", version.rootDigest().hex());
        out.writeStringField("signer", version.signer());
        out.writeStringField("pushed_by", version.pushedBy());
        out.writeStringField("pushed", version.pushed().toString());
        if (version.approvedBy().isPresent()) {
            out.writeStringField("approved_by", version.approvedBy().get());
        }
        if (one.until().isPresent()) {
            out.writeStringField("until", one.until().get().toString());
        }
        out.writeArrayFieldStart("files");
        for (FileRecord file : version.files()) {
            out.writeStartObject();
            out.writeStringField("name", file.name());
            out.writeNumberField("bytes", file.bytes());
            out.writeStringField("sha256", file.sha256().hex());
            out.writeEndObject();
        }
        out.writeEndArray();
        out.writeObjectFieldStart("card");
        for (Map.Entry<String, String> entry : new TreeMap<>(version.card()).entrySet()) {
            out.writeStringField(entry.getKey(), entry.getValue());
        }
        out.writeEndObject();
        out.writeEndObject();
    }

    /**
     * Reads {@link #json}.
     *
     * @throws RegistryException when it is something else
     */
    public static DeployedModels parse(byte[] json) {
        try {
            List<Deployed> deployed = new ArrayList<>();
            for (JsonNode node : StrictJson.parse(json)) {
                deployed.add(
                        new Deployed(
                                version(node),
                                Optional.ofNullable(node.get("until"))
                                        .map(until -> Instant.parse(until.textValue()))));
            }
            return new DeployedModels(deployed);
        } catch (StrictJson.NotJson | RuntimeException e) {
            throw new RegistryException("what the registry deployed cannot be read", e);
        }
    }

    private static ModelVersion version(JsonNode node) {
        List<FileRecord> files = new ArrayList<>();
        for (JsonNode file : node.required("files")) {
            files.add(
                    new FileRecord(
                            file.required("name").textValue(),
                            file.required("bytes").longValue(),
                            Digest.parse(file.required("sha256").textValue())));
        }
        Map<String, String> card = new TreeMap<>();
        for (Map.Entry<String, JsonNode> entry : node.required("card").properties()) {
            card.put(entry.getKey(), entry.getValue().textValue());
        }
        return new ModelVersion(
                ModelRef.parse(node.required("model").textValue()),
                Digest.parse(node.required("root_digest").textValue()),
                node.required("signer").textValue(),
                ModelVersion.State.DEPLOYED,
                node.required("pushed_by").textValue(),
                Instant.parse(node.required("pushed").textValue()),
                Optional.ofNullable(node.get("approved_by")).map(JsonNode::textValue),
                files,
                card);
    }
}
