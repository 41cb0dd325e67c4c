package atlas.registry;

import atlas.core.Digest;
import atlas.core.ModelRef;
import atlas.core.json.Json;
import atlas.registry.ModelVersion.State;
import atlas.registry.json.StrictJson;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Everything about the registry that changes, as one value: replacing the stored index is the only
 * way a change takes effect.
 *
 * @param generation counts the replacements
 * @param next the version number the next push of a name gets
 * @param deployments versions of a name in the order they were deployed, the last one newest
 */
record Index(
        long generation,
        Map<String, Integer> next,
        Map<ModelRef, Entry> entries,
        Map<String, List<Integer>> deployments) {

    /** One version: which sealed record describes it, and how far it has come. */
    record Entry(Digest record, State state, Optional<String> approvedBy) {}

    static final Index EMPTY = new Index(0, Map.of(), Map.of(), Map.of());

    Optional<Entry> entry(ModelRef ref) {
        return Optional.ofNullable(entries.get(ref));
    }

    Optional<ModelRef> deployed(String name) {
        return entries.entrySet().stream()
                .filter(entry -> entry.getKey().name().equals(name))
                .filter(entry -> entry.getValue().state() == State.DEPLOYED)
                .map(Map.Entry::getKey)
                .findFirst();
    }

    int nextVersion(String name) {
        return next.getOrDefault(name, 1);
    }

    /** This index with a version number handed out, so that it is never handed out again. */
    Index reserve(String name) {
        Map<String, Integer> more = new TreeMap<>(next);
        more.put(name, nextVersion(name) + 1);
        return new Index(generation + 1, more, entries, deployments);
    }

    Index with(ModelRef ref, Entry entry) {
        Map<ModelRef, Entry> more = new LinkedHashMap<>(entries);
        more.put(ref, entry);
        return new Index(generation + 1, next, more, deployments);
    }

    /** This index with one version serving and no other of its name. */
    Index deploy(ModelRef ref) {
        Map<ModelRef, Entry> more = new LinkedHashMap<>(entries);
        deployed(ref.name()).ifPresent(old -> more.put(old, in(old, State.APPROVED)));
        more.put(ref, in(ref, State.DEPLOYED));
        List<Integer> order = new ArrayList<>(deployments.getOrDefault(ref.name(), List.of()));
        order.add(ref.version());
        Map<String, List<Integer>> orders = new TreeMap<>(deployments);
        orders.put(ref.name(), order);
        return new Index(generation + 1, next, more, orders);
    }

    /** The entry of a version, in another state. */
    Entry in(ModelRef ref, State state) {
        Entry entry = entry(ref).orElseThrow();
        return new Entry(entry.record(), state, entry.approvedBy());
    }

    /** The version that served before the one that serves now and may serve again. */
    Optional<ModelRef> before(String name) {
        List<Integer> order = deployments.getOrDefault(name, List.of());
        Optional<ModelRef> now = deployed(name);
        for (int i = order.size() - 1; i >= 0; i--) {
            ModelRef ref = new ModelRef(name, order.get(i));
            boolean approved = entry(ref).filter(e -> e.state() == State.APPROVED).isPresent();
            if (approved && !Optional.of(ref).equals(now)) {
                return Optional.of(ref);
            }
        }
        return Optional.empty();
    }

    byte[] json() {
        return Json.bytes(out -> {
            out.writeStartObject();
            out.writeNumberField("generation", generation);
            out.writeObjectFieldStart("next");
            for (Map.Entry<String, Integer> name : new TreeMap<>(next).entrySet()) {
                out.writeNumberField(name.getKey(), name.getValue());
            }
            out.writeEndObject();
            out.writeArrayFieldStart("versions");
            for (Map.Entry<ModelRef, Entry> version : entries.entrySet()) {
                out.writeStartObject();
                out.writeStringField("ref", version.getKey().toString());
                out.writeStringField("record", version.getValue().record().hex());
                out.writeStringField("state", version.getValue().state().name());
                if (version.getValue().approvedBy().isPresent()) {
                    out.writeStringField("approved_by", version.getValue().approvedBy().get());
                }
                out.writeEndObject();
            }
            out.writeEndArray();
            out.writeObjectFieldStart("deployments");
            for (Map.Entry<String, List<Integer>> name : new TreeMap<>(deployments).entrySet()) {
                out.writeArrayFieldStart(name.getKey());
                for (int version : name.getValue()) {
                    out.writeNumber(version);
                }
                out.writeEndArray();
            }
            out.writeEndObject();
            out.writeEndObject();
        });
    }

    /** Reads what {@link #json} wrote; the bytes were authenticated before. */
    static Index parse(byte[] json) {
        JsonNode node;
        try {
            node = StrictJson.parse(json);
        } catch (StrictJson.NotJson e) {
            throw new RegistryException("the sealed index is not JSON", e);
        }
        Map<String, Integer> next = new TreeMap<>();
        node.get("next").properties().forEach(e -> next.put(e.getKey(), e.getValue().intValue()));
        Map<ModelRef, Entry> entries = new LinkedHashMap<>();
        for (JsonNode version : node.get("versions")) {
            entries.put(
                    ModelRef.parse(version.get("ref").textValue()),
                    new Entry(
                            Digest.parse(version.get("record").textValue()),
                            State.valueOf(version.get("state").textValue()),
                            Optional.ofNullable(version.path("approved_by").textValue())));
        }
        Map<String, List<Integer>> deployments = new TreeMap<>();
        for (Map.Entry<String, JsonNode> name : node.get("deployments").properties()) {
            List<Integer> order = new ArrayList<>();
            name.getValue().forEach(version -> order.add(version.intValue()));
            deployments.put(name.getKey(), order);
        }
        return new Index(node.get("generation").longValue(), next, entries, deployments);
    }
}
