package atlas.export.format;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** The formats entries leave in; each entry is one line without a line end. */
public enum ExportFormat {
    /** One JSON object with the fact as the journal has it. */
    JSONL("application/x-ndjson"),

    /** One OCSF 1.8.0 event. */
    OCSF("application/x-ndjson"),

    /** One ArcSight Common Event Format record, version 0. */
    CEF("text/plain; charset=utf-8");

    private final String mediaType;

    ExportFormat(String mediaType) {
        this.mediaType = mediaType;
    }

    /** The media type of lines in this format. */
    public String mediaType() {
        return mediaType;
    }

    /** As it is written in records and configuration. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** One entry as a line, with no more in it than {@code content} lets go. */
    public ExportLine line(ExportEntry entry, ExportContent content) {
        String json = content.of(entry.json());
        byte[] text =
                switch (this) {
                    case JSONL -> JsonLine.of(entry, json);
                    case OCSF -> OcsfEvent.of(entry, json);
                    case CEF -> CefRecord.of(entry, json).getBytes(StandardCharsets.UTF_8);
                };
        return new ExportLine(
                entry.origin(), entry.index(), entry.when(), entry.kind(), Severity.of(json), text);
    }
}
