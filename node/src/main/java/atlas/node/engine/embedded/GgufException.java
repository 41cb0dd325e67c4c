package atlas.node.engine.embedded;

/** A GGUF file is not what it must be; the message says where. */
final class GgufException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String reason;

    GgufException(String reason) {
        super(reason);
        this.reason = reason;
    }

    String reason() {
        return reason;
    }
}
