package atlas.export.format;

import atlas.core.json.Json;

/** The fact as the journal has it, with its place and time. */
final class JsonLine {
    private JsonLine() {}

    static byte[] of(ExportEntry entry, String json) {
        return Json.bytes(out -> {
            out.writeStartObject();
            out.writeStringField("origin", entry.origin());
            out.writeNumberField("index", entry.index());
            out.writeStringField("when", entry.when().toString());
            out.writeStringField("kind", entry.kind());
            out.writeStringField("leaf_hash", entry.leafHash());
            out.writeFieldName("event");
            out.writeRawValue(json);
            out.writeEndObject();
        });
    }
}
