package atlas.vectors;

/** What became of a change. */
public sealed interface Change {
    /** It is durable. */
    record Done() implements Change {}

    /** It would go beyond a limit; nothing changed. The message says which and how far. */
    record OverQuota(String message) implements Change {}

    /** It does not fit this store; nothing changed. */
    record Unfit(String message) implements Change {}
}
