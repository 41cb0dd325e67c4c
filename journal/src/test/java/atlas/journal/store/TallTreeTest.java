package atlas.journal.store;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.core.crypto.Hashes;
import atlas.tlog.TilePath;
import atlas.tlog.TreeHasher;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The tree of 70,000 records, of which Go knows roots and tiles up to the third level. */
class TallTreeTest {
    private static JsonNode vectors() throws IOException {
        try (var in = TallTreeTest.class.getResourceAsStream("/tlog/tree/tall.json")) {
            return new ObjectMapper().readTree(Objects.requireNonNull(in));
        }
    }

    @Test
    void hasTheRootsAndTilesThatGoMakes() throws Exception {
        JsonNode vectors = vectors();
        Set<String> checked = new TreeSet<>();
        Map<String, String> tiles = new HashMap<>();
        TreeBuilder tree = new TreeBuilder();
        TreeHasher hasher = new TreeHasher();
        for (int size = 1; size <= 70_000; size++) {
            byte[] record = ("record " + (size - 1)).getBytes(StandardCharsets.UTF_8);
            tree.add(
                    hasher.leaf(record),
                    (level, index, hashes) ->
                            tiles.put(TilePath.tile(level, index, 256), described(hashes)));
            JsonNode root = vectors.get("roots").get(Integer.toString(size));
            if (root != null) {
                byte[] expected = Base64.getDecoder().decode(root.asText());
                assertThat(tree.root().bytes()).as("root of " + size).isEqualTo(expected);
            }
            compare(vectors.get("tile_sha256"), size, tree, tiles, checked);
        }
        assertThat(checked).hasSize(vectors.get("tile_sha256").size());
    }

    private static void compare(
            JsonNode expected,
            int size,
            TreeBuilder tree,
            Map<String, String> full,
            Set<String> checked) {
        if (!Set.of(1, 255, 256, 257, 300, 512, 65_536, 70_000).contains(size)) {
            return;
        }
        Map<String, String> tiles = new HashMap<>(full);
        for (int level = 0; level < tree.levels(); level++) {
            if (tree.width(level) > 0) {
                tiles.put(
                        TilePath.tile(level, tree.index(level), tree.width(level)),
                        described(tree.partial(level)));
            }
        }
        expected.properties()
                .forEach(tile -> {
                    if (tile.getKey().startsWith(size + " ")) {
                        // Named as a module proxy names them, with the height of a tile.
                        String path = tile.getKey().replaceFirst("^\\d+ tile/8/", "tile/");
                        assertThat(tiles.get(path))
                                .as(tile.getKey())
                                .isEqualTo(tile.getValue().asText());
                        checked.add(tile.getKey());
                    }
                });
    }

    private static String described(byte[] hashes) {
        return hashes.length + " " + Hashes.sha256(hashes).hex();
    }
}
