package atlas.vectors;

import java.util.Optional;

/**
 * How much vector stores may hold: the {@code vectors} section.
 *
 * @param embeddingModel embeds the texts of stores that name no model of their own
 * @param maxStoresPerPrincipal stores one principal may own
 * @param maxVectorsPerStore vectors in one store
 * @param maxBytesPerPrincipal bytes of all stores of one principal together, as they count
 * @param maxDimensions numbers in one vector
 * @param memoryBytes bytes of all stores that are opened at once, and therefore of one store
 */
public record VectorsConfig(
        Optional<String> embeddingModel,
        int maxStoresPerPrincipal,
        int maxVectorsPerStore,
        long maxBytesPerPrincipal,
        int maxDimensions,
        long memoryBytes) {
    private static final long LEAST_MEMORY = 1 << 20;

    public VectorsConfig {
        require(maxStoresPerPrincipal >= 0, "`max-stores-per-principal` is not negative");
        require(maxVectorsPerStore >= 1, "`max-vectors-per-store` is at least 1");
        require(maxBytesPerPrincipal >= 0, "`max-bytes-per-principal` is not negative");
        require(maxDimensions >= 1 && maxDimensions <= 16_384, "`max-dimensions` is 1 to 16384");
        require(memoryBytes >= LEAST_MEMORY, "`memory-bytes` is at least " + LEAST_MEMORY);
    }

    /** Fits beside everything else in the memory the launcher gives. */
    public static VectorsConfig defaults() {
        return new VectorsConfig(Optional.empty(), 100, 50_000, 256L << 20, 4096, 64L << 20);
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new IllegalArgumentException(what);
        }
    }
}
