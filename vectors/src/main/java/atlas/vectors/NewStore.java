package atlas.vectors;

import java.util.Map;
import java.util.Optional;

/**
 * A store somebody wants to have.
 *
 * @param dimensions numbers in each vector; 0 where the first vector decides
 */
public record NewStore(
        String tenant,
        String owner,
        String name,
        Optional<String> model,
        Map<String, String> metadata,
        int dimensions) {
    public NewStore {
        metadata = Map.copyOf(metadata);
    }
}
