package atlas.journal;

import atlas.core.Digest;

/**
 * What the log last signed.
 *
 * @param note the signed note itself, as published in the file {@code checkpoint}
 */
public record Checkpoint(String origin, long size, Digest root, String note) {}
