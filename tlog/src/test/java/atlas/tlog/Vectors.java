package atlas.tlog;

import atlas.core.Digest;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Reads the vectors under {@code src/test/resources/tlog}. */
final class Vectors {
    private Vectors() {}

    static JsonNode json(String path) {
        try (var in = Vectors.class.getResourceAsStream("/tlog/" + path)) {
            return new ObjectMapper().readTree(Objects.requireNonNull(in, path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static byte[] base64(JsonNode node) {
        return node.isNull() ? new byte[0] : Base64.getDecoder().decode(node.asText());
    }

    static List<byte[]> hashes(JsonNode proof) {
        List<byte[]> hashes = new ArrayList<>();
        proof.forEach(hash -> hashes.add(base64(hash)));
        return hashes;
    }

    /** Digests, or null when one of them has not 32 bytes, which no proof survives. */
    static @Nullable List<Digest> digests(List<byte[]> hashes) {
        return hashes.stream().allMatch(hash -> hash.length == 32)
                ? hashes.stream().map(Digest::of).toList()
                : null;
    }
}
