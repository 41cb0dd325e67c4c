package atlas.tlog;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HexFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Signatures as Project Wycheproof judges them. */
class WycheproofTest {
    @ParameterizedTest
    @CsvSource({"ed25519, NOTE, 92", "mldsa44, ML_DSA_44, 45"})
    void judgesSignaturesAsWycheproofDoes(String file, KeyType type, int count) {
        int seen = 0;
        for (JsonNode group : Vectors.json("wycheproof/" + file + ".json")) {
            byte[] key = HexFormat.of().parseHex(group.get("publicKey").asText());
            for (JsonNode test : group.get("tests")) {
                assertThat(verifies(type, key, test))
                        .as(test.get("tcId") + " " + test.get("comment"))
                        .isEqualTo(test.get("result").asText().equals("valid"));
                seen++;
            }
        }
        assertThat(seen).isEqualTo(count);
    }

    private static boolean verifies(KeyType type, byte[] key, JsonNode test) {
        try {
            return type.verifies(
                    type.publicKey(key),
                    HexFormat.of().parseHex(test.get("msg").asText()),
                    HexFormat.of().parseHex(test.get("sig").asText()));
        } catch (MalformedException e) {
            return false;
        }
    }
}
