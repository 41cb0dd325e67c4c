package atlas.export.format;

/** What of an entry may leave. */
public enum ExportContent {
    /** Who, what, when, which decision and numbers: no word of a prompt or an answer. */
    METADATA,

    /** Everything that was recorded. */
    FULL;

    /** The fact with only what may leave. */
    public String of(String json) {
        return switch (this) {
            case METADATA -> Carried.metadata(json);
            case FULL -> json;
        };
    }

    /** As it is written in records and configuration. */
    public String wireName() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
