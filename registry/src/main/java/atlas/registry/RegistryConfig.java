package atlas.registry;

import atlas.core.Principal;
import java.nio.file.Path;

/**
 * Where the registry keeps its ciphertext, whose it is, and how much of it there may be.
 *
 * @param tenant whose keys seal it
 * @param maxBytes ciphertext in all versions together
 * @param maxFiles files in one version
 */
public record RegistryConfig(Path directory, String tenant, long maxBytes, int maxFiles) {
    private static final long DEFAULT_MAX_BYTES = 1L << 40;
    private static final int DEFAULT_MAX_FILES = 4096;

    public RegistryConfig {
        if (maxBytes < 1 || maxFiles < 1) {
            throw new IllegalArgumentException("a registry's limits are positive");
        }
    }

    /** The only tenant, 1 TiB of ciphertext, 4096 files in a version. */
    public RegistryConfig(Path directory) {
        this(directory, Principal.DEFAULT_TENANT, DEFAULT_MAX_BYTES, DEFAULT_MAX_FILES);
    }
}
