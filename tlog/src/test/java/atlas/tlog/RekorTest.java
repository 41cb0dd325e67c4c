package atlas.tlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.core.Digest;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Proofs and checkpoints of a public log that Atlas has nothing to do with. */
class RekorTest {
    private static CheckpointText parsed(String note) throws MalformedException {
        return CheckpointText.parse(SignedNote.parse(note.getBytes(StandardCharsets.UTF_8)).text());
    }

    @Test
    void entriesOfRekorAreProved() throws Exception {
        int seen = 0;
        for (JsonNode entry : Vectors.json("rekor/rekor.json").get("entries")) {
            Digest leaf = Digest.of(new TreeHasher().leaf(Vectors.base64(entry.get("body"))));
            Digest root = Digest.of(Vectors.base64(entry.get("root")));
            boolean included =
                    Proofs.included(
                            entry.get("leafIndex").asLong(),
                            entry.get("treeSize").asLong(),
                            leaf,
                            Objects.requireNonNull(
                                    Vectors.digests(Vectors.hashes(entry.get("hashes")))),
                            root);
            assertThat(included)
                    .as(entry.get("file").asText())
                    .isEqualTo(entry.get("expect_inclusion").asBoolean());
            CheckpointText checkpoint = parsed(entry.get("checkpoint").asText());
            assertThat(checkpoint.root().equals(root))
                    .isEqualTo(entry.get("expect_checkpoint_matches").asBoolean());
            seen++;
        }
        assertThat(seen).isEqualTo(12);
    }

    @Test
    void malformedCheckpointsAreRefused() {
        Vectors.json("rekor/rekor.json")
                .get("checkpoints")
                .properties()
                .forEach(file -> {
                    if (file.getKey().startsWith("error_")) {
                        assertThatThrownBy(() -> parsed(file.getValue().asText()))
                                .as(file.getKey())
                                .isInstanceOf(MalformedException.class);
                    }
                });
    }
}
