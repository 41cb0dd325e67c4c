package atlas.guard;

import java.util.Locale;
import java.util.Optional;

/**
 * Who speaks in a part of a prompt; the same sentence is normal from a user and odd in a document.
 */
public enum Channel {
    SYSTEM,
    USER,
    ASSISTANT,
    TOOL,
    DOCUMENT;

    /**
     * Whether the text came from outside the conversation, so that nobody in it may give orders.
     */
    public boolean untrusted() {
        return this == TOOL || this == DOCUMENT;
    }

    /** The channel of this name in any case, if there is one. */
    public static Optional<Channel> named(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "system", "developer" -> Optional.of(SYSTEM);
            case "user" -> Optional.of(USER);
            case "assistant" -> Optional.of(ASSISTANT);
            case "tool", "function" -> Optional.of(TOOL);
            case "document" -> Optional.of(DOCUMENT);
            default -> Optional.empty();
        };
    }
}
