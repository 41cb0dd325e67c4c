package atlas.guard.signature;

/**
 * A kind of attack the signatures know.
 *
 * @param decisive whether a hit alone is enough to block, in any channel
 */
public record Family(String id, int severity, boolean decisive) {}
