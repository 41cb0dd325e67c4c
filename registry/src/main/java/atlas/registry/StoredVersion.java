package atlas.registry;

import atlas.core.Digest;
import atlas.core.ModelRef;
import atlas.core.json.Json;
import atlas.registry.json.StrictJson;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The part of a version that never changes, as it is sealed into its record. */
record StoredVersion(
        ModelRef ref,
        Digest rootDigest,
        String signer,
        String pushedBy,
        Instant pushed,
        List<StoredFile> files,
        Map<String, String> card,
        ModelSigner.Signature signature) {
    StoredVersion {
        files = List.copyOf(files);
        card = Map.copyOf(card);
    }

    /** One file and the sealed object that holds it. */
    record StoredFile(FileRecord file, Digest object, long objectBytes) {}

    List<FileRecord> fileRecords() {
        return files.stream().map(StoredFile::file).toList();
    }

    long objectBytes() {
        return files.stream().mapToLong(StoredFile::objectBytes).sum();
    }

    byte[] json() {
        return Json.bytes(out -> {
            out.writeStartObject();
            out.writeStringField("name", ref.name());
            out.writeNumberField("version", ref.version());
            out.writeStringField("root_digest", rootDigest.hex());
            out.writeStringField("signer", signer);
            out.writeStringField("pushed_by", pushedBy);
            out.writeStringField("pushed", pushed.toString());
            out.writeStringField("bundle", Base64.getEncoder().encodeToString(signature.bundle()));
            if (signature.second().isPresent()) {
                out.writeStringField(
                        "second_bundle",
                        Base64.getEncoder().encodeToString(signature.second().get()));
            }
            out.writeArrayFieldStart("files");
            for (StoredFile file : files) {
                write(out, file);
            }
            out.writeEndArray();
            out.writeObjectFieldStart("card");
            for (Map.Entry<String, String> entry : new TreeMap<>(card).entrySet()) {
                out.writeStringField(entry.getKey(), entry.getValue());
            }
            out.writeEndObject();
            out.writeEndObject();
        });
    }

    private static void write(JsonGenerator out, StoredFile file) throws IOException {
        out.writeStartObject();
        out.writeStringField("name", file.file().name());
        out.writeNumberField("bytes", file.file().bytes());
        out.writeStringField("sha256", file.file().sha256().hex());
        out.writeStringField("object", file.object().hex());
        out.writeNumberField("object_bytes", file.objectBytes());
        out.writeEndObject();
    }

    /** Reads what {@link #json} wrote; the bytes were authenticated before. */
    static StoredVersion parse(byte[] json) {
        JsonNode node;
        try {
            node = StrictJson.parse(json);
        } catch (StrictJson.NotJson e) {
            throw new RegistryException("a sealed record is not JSON", e);
        }
        List<StoredFile> files = new ArrayList<>();
        for (JsonNode file : node.get("files")) {
            files.add(
                    new StoredFile(
                            new FileRecord(
                                    file.get("name").textValue(),
                                    file.get("bytes").longValue(),
                                    Digest.parse(file.get("sha256").textValue())),
                            Digest.parse(file.get("object").textValue()),
                            file.get("object_bytes").longValue()));
        }
        Map<String, String> card = new TreeMap<>();
        for (Map.Entry<String, JsonNode> entry : node.get("card").properties()) {
            card.put(entry.getKey(), entry.getValue().textValue());
        }
        return new StoredVersion(
                new ModelRef(node.get("name").textValue(), node.get("version").intValue()),
                Digest.parse(node.get("root_digest").textValue()),
                node.get("signer").textValue(),
                node.get("pushed_by").textValue(),
                Instant.parse(node.get("pushed").textValue()),
                files,
                card,
                new ModelSigner.Signature(
                        Base64.getDecoder().decode(node.get("bundle").textValue()),
                        Optional.ofNullable(node.path("second_bundle").textValue())
                                .map(Base64.getDecoder()::decode)));
    }
}
