package atlas.vectors;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.core.Sensitive;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/** Stores in a folder, and what to put into them. */
final class World {
    static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");
    static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);
    static final VectorsConfig ROOMY =
            new VectorsConfig(Optional.empty(), 10, 20_000, 64 << 20, 512, 64 << 20);

    final TestSealer vault = new TestSealer();
    private final Path root;

    World(Path root) {
        this.root = root;
    }

    VectorStores open() {
        return open(ROOMY);
    }

    VectorStores open(VectorsConfig config) {
        return VectorStores.open(root, vault, config, CLOCK);
    }

    static VectorStore make(VectorStores stores, String owner) {
        NewStore wanted = new NewStore("default", owner, "notes", Optional.empty(), Map.of(), 0);
        VectorStores.Made made = stores.make(VectorStores.newStoreId(), wanted);
        assertThat(made).isInstanceOf(VectorStores.Made.Store.class);
        return ((VectorStores.Made.Store) made).store();
    }

    static NewItem item(String author, String text, float... vector) {
        return new NewItem(
                VectorStores.newItemId(),
                author,
                Sensitive.of(text),
                Map.of("text", new Attribute.Text(text)),
                Sensitive.of(vector));
    }

    /** Directions that do not depend on the machine. */
    static List<float[]> vectors(long seed, int count, int dimensions) {
        SplittableRandom random = new SplittableRandom(seed);
        List<float[]> vectors = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            float[] vector = new float[dimensions];
            for (int d = 0; d < dimensions; d++) {
                vector[d] = (float) random.nextGaussian();
            }
            vectors.add(vector);
        }
        return vectors;
    }

    static List<String> texts(VectorStore store) {
        return store.items(Optional.empty(), Integer.MAX_VALUE).stream()
                .map(item -> item.text().reveal())
                .toList();
    }
}
