package atlas.vault;

/**
 * The state of a key encryption key.
 *
 * @param fingerprint identifies the key without giving it away
 * @param note what an operator should know, {@code held in the clear in a file}
 */
public record KekStatus(String uri, boolean available, String fingerprint, String note) {}
