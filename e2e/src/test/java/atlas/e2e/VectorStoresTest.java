package atlas.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.peers.Lying;
import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Vector stores through the official SDK, over a real model; what they hold survives a pulled plug,
 * lies nowhere in the clear, and goes with its subject.
 */
@Timeout(300)
class VectorStoresTest {
    private static final String PLANTED = "the saline cupboard is behind the blue door 7391";

    @TempDir Path temp;

    @Test
    void anSdkKeepsAndFindsTextsThatNobodyElseReads() throws Exception {
        Peers.needSdk("openai");
        Path config =
                Files.writeString(
                        temp.resolve("atlas.yaml"),
                        "vectors:\n  embedding-model: atlas-embed\n"
                                + "gateway:\n  semantic-cache: {models: [\"*\"]}\n");
        Path home = temp.resolve("home");
        String store;
        List<String> vector;
        try (Running atlas = Running.with(Map.of(), home, "--config", config.toString())) {
            JsonNode seen = throughTheSdk(atlas);
            store = seen.path("id").asText();
            vector = vectorOfPlanted(atlas);
            // An answer leaves before it is kept: the one after may still be made anew.
            while (ask(atlas).headers().firstValue("atlas-cache").isEmpty()) {
                Thread.onSpinWait();
            }
            atlas.kill();
        }
        List<String> found = new ArrayList<>();
        Lying.in(home)
                .forEach((file, bytes) -> {
                    if (bytes.contains(PLANTED) || vector.stream().anyMatch(bytes::contains)) {
                        found.add(file.toString());
                    }
                });
        assertThat(found).isEmpty();
        try (Running atlas = Running.with(Map.of(), home, "--config", config.toString())) {
            assertThat(search(atlas, store).body()).contains(PLANTED);
            isAnsweredByWhatWasSaidBefore(atlas);
            goesWithItsSubject(atlas, store);
        }
    }

    private static JsonNode throughTheSdk(Running atlas) throws Exception {
        Running.Said said =
                Running.run(
                        List.of("node", Running.root().resolve("e2e/js/vectors.mjs").toString()),
                        Map.of(
                                "NODE_EXTRA_CA_CERTS", atlas.ca().toString(),
                                "OPENAI_BASE_URL", atlas.gateway("/v1").toString(),
                                "OPENAI_API_KEY", atlas.key("consumer"),
                                "OTHER_KEY", atlas.key("auditor"),
                                "PLANTED", PLANTED));
        assertThat(said.status()).as(said.out() + said.err()).isZero();
        JsonNode seen = said.json();
        assertThat(seen.path("added").asInt()).isEqualTo(3);
        assertThat(seen.at("/found/0").asText()).isEqualTo(PLANTED);
        assertThat(seen.path("found").size()).isEqualTo(2);
        assertThat(seen.path("score").asDouble()).isBetween(0.999, 1.0);
        assertThat(seen.path("filtered").toString()).isEqualTo("[3]");
        assertThat(seen.path("listed").toString()).isEqualTo("[" + seen.path("id") + "]");
        assertThat(seen.path("counted").asInt()).isEqualTo(3);
        assertThat(seen.path("renamed").asText()).isEqualTo("the handbook");
        assertThat(seen.path("deleted").asBoolean()).isTrue();
        assertThat(seen.path("gone").asInt()).isEqualTo(404);
        assertThat(seen.path("stranger").asInt()).isEqualTo(404);
        assertThat(seen.path("strangerLists").asInt()).isEqualTo(403);
        assertThat(seen.path("injection").asInt()).isEqualTo(400);
        assertThat(seen.path("files").asInt()).isEqualTo(404);
        return seen;
    }

    /** Eight numbers in a row out of the middle, as they came and of length one, in both orders. */
    private static List<String> vectorOfPlanted(Running atlas) throws Exception {
        HttpResponse<String> answer =
                atlas.post(
                        atlas.gateway("/v1/embeddings"),
                        atlas.key("consumer"),
                        Map.of("model", "atlas-embed", "input", PLANTED));
        JsonNode numbers = Running.JSON.readTree(answer.body()).at("/data/0/embedding");
        double squares = 0;
        for (JsonNode number : numbers) {
            squares += number.floatValue() * (double) number.floatValue();
        }
        List<String> forms = new ArrayList<>();
        for (double length : new double[] {1, Math.sqrt(squares)}) {
            for (ByteOrder order : List.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN)) {
                ByteBuffer bytes = ByteBuffer.allocate(8 * Float.BYTES).order(order);
                for (int i = 0; i < 8; i++) {
                    bytes.putFloat((float) (numbers.get(16 + i).floatValue() / length));
                }
                forms.add(new String(bytes.array(), StandardCharsets.ISO_8859_1));
            }
        }
        return forms;
    }

    private static HttpResponse<String> search(Running atlas, String store) throws Exception {
        return atlas.post(
                atlas.gateway("/v1/vector_stores/" + store + "/search"),
                atlas.key("consumer"),
                Map.of("query", PLANTED));
    }

    /** The question was asked before the plug was pulled. */
    private static void isAnsweredByWhatWasSaidBefore(Running atlas) throws Exception {
        HttpResponse<String> again = ask(atlas);
        assertThat(again.headers().firstValue("atlas-cache")).contains("hit");
        String request = again.headers().firstValue("x-request-id").orElseThrow();
        HttpResponse<String> receipt =
                atlas.get(atlas.gateway("/v1/receipts/" + request), atlas.key("consumer"));
        assertThat(Running.JSON.readTree(receipt.body()).at("/outcome/statement").asText())
                .contains("\"node\":\"semantic-cache\"", "\"status\":\"ok\"");
    }

    private static HttpResponse<String> ask(Running atlas) throws Exception {
        HttpResponse<String> answer =
                atlas.chat(atlas.key("consumer"), "What is zero trust? " + PLANTED);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer;
    }

    private static void goesWithItsSubject(Running atlas, String store) throws Exception {
        Running.Said used =
                Running.run(
                        atlas.home(),
                        "--output",
                        "json",
                        "journal",
                        "search",
                        "--kind",
                        "vectors.used",
                        "--limit",
                        "1");
        assertThat(used.status()).as(used.err()).isZero();
        assertThat(used.json().at("/event/act").asText()).isEqualTo("search");
        String principal = used.json().at("/event/actor/principal").asText();
        Running.Said shredded =
                Running.run(
                        atlas.home(),
                        "--yes",
                        "journal",
                        "shred",
                        "--subject",
                        principal,
                        "--reason",
                        "asked for");
        assertThat(shredded.status()).as(shredded.out() + shredded.err()).isZero();
        while (search(atlas, store).statusCode() != 404) {
            Thread.onSpinWait();
        }
        assertThat(atlas.home().resolve("vectors/default").resolve(store)).doesNotExist();
    }
}
