package atlas.tlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SignedNoteTest {

    @Test
    void judgesNotesAndCheckpointsAsTheVectorsDo() {
        int foreign = 0;
        for (JsonNode vector : Vectors.json("notes/notes.json")) {
            List<NoteVerifierKey> keys = keys(vector);
            if (keys.isEmpty()) {
                // RFC 6962 tree heads: not understood, and said so.
                foreign++;
                continue;
            }
            String name = vector.get("name").asText();
            byte[] note = Vectors.base64(vector.get("note_b64"));
            assertThat(verified(note, keys)).as(name).isEqualTo(expected(vector));
            // The cases of ML-DSA say nothing of their text.
            if (vector.get("note_valid").asBoolean() && !name.startsWith("mldsa44")) {
                boolean strictlyWrong =
                        vector.path("spec_strict").asText().startsWith("checkpoint MUST");
                assertThat(isCheckpoint(note))
                        .as(name)
                        .isEqualTo(vector.has("checkpoint") && !strictlyWrong);
            }
        }
        assertThat(foreign).isEqualTo(1);
    }

    private static List<NoteVerifierKey> keys(JsonNode vector) {
        List<NoteVerifierKey> keys = new ArrayList<>();
        for (JsonNode vkey : vector.get("vkeys")) {
            try {
                keys.add(NoteVerifierKey.parse(vkey.asText()));
            } catch (MalformedException e) {
                assertThat(e).hasMessageContaining("not an Ed25519 key");
            }
        }
        return keys;
    }

    private static List<String> expected(JsonNode vector) {
        List<String> names = new ArrayList<>();
        vector.get("verified_keys").forEach(key -> names.add(key.asText()));
        return names;
    }

    private static List<String> verified(byte[] note, List<NoteVerifierKey> keys) {
        try {
            return SignedNote.parse(note).verify(keys).stream()
                    .map(key -> key.toString().split("\\+", 3))
                    .map(parts -> parts[0] + "+" + parts[1])
                    .toList();
        } catch (MalformedException e) {
            return List.of();
        }
    }

    private static boolean isCheckpoint(byte[] note) {
        try {
            CheckpointText.parse(SignedNote.parse(note).text());
            return true;
        } catch (MalformedException e) {
            return false;
        }
    }

    @Test
    void signsWhatItsOwnKeyVerifies() throws Exception {
        NoteSigner signer = NoteSigner.generate("log.example/a");
        String note = signer.sign("log.example/a\n0\n" + "A".repeat(43) + "=\n");
        NoteVerifierKey key = NoteVerifierKey.parse(signer.verifierKey().toString());

        CheckpointText checkpoint =
                CheckpointText.verified(note.getBytes(StandardCharsets.UTF_8), key);
        assertThat(checkpoint.size()).isZero();
    }

    @Test
    void refusesASizeBeyondSixtyThreeBits() {
        assertThatThrownBy(() ->
                        CheckpointText.parse("o\n9223372036854775808\n" + "A".repeat(43) + "=\n"))
                .isInstanceOf(MalformedException.class)
                .hasMessageContaining("too large");
    }

    @Test
    void namesTilesAsTheSpecificationDoes() {
        assertThat(TilePath.tile(3, 1_234_067, 256)).isEqualTo("tile/3/x001/x234/067");
        assertThat(TilePath.entries(0, 8)).isEqualTo("tile/entries/000.p/8");
        assertThat(TilePath.width(0, 273, 70_000)).isEqualTo(112);
        assertThat(TilePath.width(1, 1, 70_000)).isEqualTo(17);
        assertThat(TilePath.width(2, 0, 70_000)).isEqualTo(1);
    }
}
