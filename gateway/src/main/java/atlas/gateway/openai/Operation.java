package atlas.gateway.openai;

import java.util.Optional;

/** What can be asked of a model, one per path of the dialect. */
public enum Operation {
    CHAT("/v1/chat/completions", "chat"),
    COMPLETION("/v1/completions", "text_completion"),
    EMBEDDING("/v1/embeddings", "embeddings");

    private final String path;
    private final String wireName;

    Operation(String path, String wireName) {
        this.path = path;
        this.wireName = wireName;
    }

    /** The path, the same here and at the engine. */
    public String path() {
        return path;
    }

    /** The name in records, as OpenTelemetry's {@code gen_ai.operation.name} has it. */
    public String wireName() {
        return wireName;
    }

    /** The operation served at exactly this path. */
    public static Optional<Operation> at(String path) {
        for (Operation operation : values()) {
            if (operation.path.equals(path)) {
                return Optional.of(operation);
            }
        }
        return Optional.empty();
    }
}
