package atlas.node.engine;

import java.util.List;

/** Unit vectors, one per text, and what reading the texts cost. */
public record Embeddings(List<float[]> vectors, int promptTokens) {
    public Embeddings {
        vectors = List.copyOf(vectors);
    }
}
