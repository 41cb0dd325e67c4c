package atlas.vectors;

import atlas.core.Sensitive;
import java.util.Map;

/**
 * An item somebody wants to add.
 *
 * @param vector of any length but nothing; its direction is what is kept
 */
public record NewItem(
        String id,
        String author,
        Sensitive<String> text,
        Map<String, Attribute> attributes,
        Sensitive<float[]> vector) {
    public NewItem {
        attributes = Map.copyOf(attributes);
    }
}
