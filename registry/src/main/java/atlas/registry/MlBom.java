package atlas.registry;

import atlas.core.crypto.Hashes;
import atlas.core.json.Json;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/**
 * The bill of materials of a version, CycloneDX 1.6: the model, every file by its SHA-256, what it
 * was made of, who signed and approved it. The same version always gives the same bytes, but for
 * its state.
 */
public final class MlBom {
    private static final String LINEAGE = "lineage.";

    private final ModelVersion version;

    private MlBom(ModelVersion version) {
        this.version = version;
    }

    /** As JSON. */
    public static byte[] of(ModelVersion version) {
        MlBom bom = new MlBom(version);
        return Json.bytes(bom::write);
    }

    /** A base model, an adapter or a dataset, by its digest. */
    private record Part(String ref, String sha256, String name) {}

    private void write(JsonGenerator out) throws IOException {
        out.writeStartObject();
        // The name of the schema, as its owner gave it; nobody calls there.
        out.writeStringField("$schema", "http://cyclonedx.org/schema/bom-1.6.schema.json");
        out.writeStringField("bomFormat", "CycloneDX");
        out.writeStringField("specVersion", "1.6");
        out.writeStringField("serialNumber", "urn:uuid:" + serial());
        out.writeNumberField("version", 1);
        out.writeObjectFieldStart("metadata");
        out.writeStringField("timestamp", version.pushed().toString());
        out.writeObjectFieldStart("tools");
        out.writeArrayFieldStart("components");
        out.writeStartObject();
        out.writeStringField("type", "application");
        out.writeStringField("name", "atlas");
        out.writeEndObject();
        out.writeEndArray();
        out.writeEndObject();
        out.writeFieldName("component");
        model(out);
        out.writeEndObject();
        out.writeArrayFieldStart("components");
        for (Part dataset : parts("dataset")) {
            part(out, "data", dataset);
        }
        out.writeEndArray();
        dependencies(out);
        out.writeEndObject();
    }

    private UUID serial() {
        ByteBuffer digest =
                ByteBuffer.wrap(
                        Hashes.sha256(
                                        "ml-bom\n"
                                                + version.ref()
                                                + "\n"
                                                + version.rootDigest().hex())
                                .bytes());
        // RFC 9562, version 8: a hash of our own choice.
        long high = (digest.getLong() & ~0xf000L) | 0x8000L;
        long low = (digest.getLong() & ~(0b11L << 62)) | (0b10L << 62);
        return new UUID(high, low);
    }

    private void model(JsonGenerator out) throws IOException {
        out.writeStartObject();
        out.writeStringField("type", "machine-learning-model");
        out.writeStringField("bom-ref", "model");
        out.writeStringField("name", version.ref().name());
        out.writeStringField("version", Integer.toString(version.ref().version()));
        String license = version.card().getOrDefault("general.license", cardLicense());
        if (!license.isBlank()) {
            out.writeArrayFieldStart("licenses");
            out.writeStartObject();
            out.writeObjectFieldStart("license");
            out.writeStringField("name", license);
            out.writeEndObject();
            out.writeEndObject();
            out.writeEndArray();
        }
        List<Part> bases = new ArrayList<>(parts("base-model"));
        bases.addAll(parts("adapter"));
        if (!bases.isEmpty()) {
            out.writeObjectFieldStart("pedigree");
            out.writeArrayFieldStart("ancestors");
            for (Part base : bases) {
                part(out, "machine-learning-model", base);
            }
            out.writeEndArray();
            out.writeEndObject();
        }
        files(out);
        properties(out);
        card(out);
        out.writeEndObject();
    }

    private String cardLicense() {
        return version.card().getOrDefault("license", "");
    }

    private void files(JsonGenerator out) throws IOException {
        out.writeArrayFieldStart("components");
        for (FileRecord file : version.files()) {
            out.writeStartObject();
            out.writeStringField("type", "file");
            out.writeStringField("bom-ref", "file:" + file.name());
            out.writeStringField("name", file.name());
            hash(out, file.sha256().hex());
            out.writeArrayFieldStart("properties");
            property(out, "atlas:bytes", Long.toString(file.bytes()));
            out.writeEndArray();
            out.writeEndObject();
        }
        out.writeEndArray();
    }

    private void properties(JsonGenerator out) throws IOException {
        out.writeArrayFieldStart("properties");
        property(out, "atlas:oms-root-digest", "sha256:" + version.rootDigest().hex());
        property(out, "atlas:signer", version.signer());
        property(out, "atlas:state", version.state().name().toLowerCase(Locale.ROOT));
        property(out, "atlas:pushed-by", version.pushedBy());
        if (version.approvedBy().isPresent()) {
            property(out, "atlas:approved-by", version.approvedBy().get());
        }
        for (Map.Entry<String, String> entry : new TreeMap<>(version.card()).entrySet()) {
            if (!entry.getKey().startsWith(LINEAGE)) {
                property(out, "atlas:card:" + entry.getKey(), entry.getValue());
            }
        }
        out.writeEndArray();
    }

    private void card(JsonGenerator out) throws IOException {
        out.writeObjectFieldStart("modelCard");
        out.writeObjectFieldStart("modelParameters");
        String family = version.card().getOrDefault("general.architecture", "");
        if (!family.isBlank()) {
            out.writeStringField("architectureFamily", family);
        }
        out.writeArrayFieldStart("datasets");
        for (Part dataset : parts("dataset")) {
            out.writeStartObject();
            out.writeStringField("ref", dataset.ref());
            out.writeEndObject();
        }
        out.writeEndArray();
        out.writeEndObject();
        out.writeEndObject();
    }

    private void dependencies(JsonGenerator out) throws IOException {
        out.writeArrayFieldStart("dependencies");
        out.writeStartObject();
        out.writeStringField("ref", "model");
        out.writeArrayFieldStart("dependsOn");
        for (String kind : List.of("adapter", "base-model", "dataset")) {
            for (Part part : parts(kind)) {
                out.writeString(part.ref());
            }
        }
        out.writeEndArray();
        out.writeEndObject();
        out.writeEndArray();
    }

    // As the scanner put it into the card: `sha256:HEX NAME`.
    private List<Part> parts(String kind) {
        List<Part> parts = new ArrayList<>();
        String value = version.card().get(LINEAGE + kind + ".0");
        for (int i = 1; value != null; i++) {
            int space = value.indexOf(' ');
            String ref = kind + ":" + (i - 1);
            parts.add(new Part(ref, value.substring(7, space), value.substring(space + 1)));
            value = version.card().get(LINEAGE + kind + "." + i);
        }
        return parts;
    }

    private static void part(JsonGenerator out, String type, Part part) throws IOException {
        out.writeStartObject();
        out.writeStringField("type", type);
        out.writeStringField("bom-ref", part.ref());
        out.writeStringField("name", part.name());
        hash(out, part.sha256());
        out.writeEndObject();
    }

    private static void hash(JsonGenerator out, String sha256) throws IOException {
        out.writeArrayFieldStart("hashes");
        out.writeStartObject();
        out.writeStringField("alg", "SHA-256");
        out.writeStringField("content", sha256);
        out.writeEndObject();
        out.writeEndArray();
    }

    private static void property(JsonGenerator out, String name, String value) throws IOException {
        out.writeStartObject();
        out.writeStringField("name", name);
        out.writeStringField("value", value);
        out.writeEndObject();
    }
}
