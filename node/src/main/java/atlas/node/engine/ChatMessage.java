package atlas.node.engine;

/** One message of a conversation; the text is data and never a control token. */
public record ChatMessage(Role role, String text) {
    /** Who speaks. */
    public enum Role {
        SYSTEM,
        USER,
        ASSISTANT;

        /** The role's name on the wire and in chat templates. */
        public String wireName() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }
}
