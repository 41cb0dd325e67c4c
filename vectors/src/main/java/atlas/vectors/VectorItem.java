package atlas.vectors;

import atlas.core.Sensitive;
import java.time.Instant;
import java.util.Map;

/**
 * One item of a store. Says nothing of what it holds when printed.
 *
 * @param author who put it in; it goes when that subject is erased
 * @param vector of length one; nobody changes it any more
 */
public record VectorItem(
        String id,
        String author,
        Instant created,
        Sensitive<String> text,
        Map<String, Attribute> attributes,
        Sensitive<float[]> vector) {
    public VectorItem {
        attributes = Map.copyOf(attributes);
    }

    @Override
    public String toString() {
        return "VectorItem[" + id + "]";
    }
}
