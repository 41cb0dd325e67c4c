package atlas.vectors;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * What a store says of itself.
 *
 * @param owner the principal that made it
 * @param model embeds texts for this store; empty where none was named
 * @param dimensions numbers in each vector; 0 until the first one came
 * @param bytes what it counts against its owner's quota: texts, attributes and vectors
 */
public record StoreCard(
        String tenant,
        String id,
        String owner,
        String name,
        Optional<String> model,
        Map<String, String> metadata,
        Instant created,
        Instant lastActive,
        int dimensions,
        int vectors,
        long bytes) {
    public StoreCard {
        metadata = Map.copyOf(metadata);
    }
}
