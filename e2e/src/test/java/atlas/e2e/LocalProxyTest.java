package atlas.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code atlas proxy} lets an unmodified OpenAI SDK use a sender-constrained token. */
class LocalProxyTest {
    @TempDir Path temp;

    @Test
    void servesTheOpenAiSdkUnchangedWithABoundToken() throws Exception {
        Peers.needSdk("openai");
        try (Running atlas = Running.up(temp.resolve("home"))) {
            Path key = Files.writeString(temp.resolve("key"), atlas.key("consumer"));
            Process proxy =
                    new ProcessBuilder(
                                    Running.root().resolve("atlas").toString(),
                                    "--home",
                                    atlas.home().toString(),
                                    "--output",
                                    "json",
                                    "--credential",
                                    key.toString(),
                                    "proxy",
                                    "--port",
                                    "0")
                            .redirectError(temp.resolve("proxy.log").toFile())
                            .start();
            try (BufferedReader out =
                    new BufferedReader(
                            new InputStreamReader(
                                    proxy.getInputStream(), StandardCharsets.UTF_8))) {
                String line = out.readLine();
                assertThat(line).as(Files.readString(temp.resolve("proxy.log"))).isNotNull();
                JsonNode ready = Running.JSON.readTree(line);
                Path local = Path.of(ready.path("api_key_file").asText());
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(local)))
                        .isEqualTo("rw-------");
                sdk(atlas, ready, Files.readString(local).strip());
            } finally {
                proxy.destroy();
                assertThat(proxy.waitFor(60, TimeUnit.SECONDS)).isTrue();
            }
            Running.Said said =
                    Running.run(
                            atlas.home(),
                            "--output",
                            "json",
                            "journal",
                            "search",
                            "--kind",
                            "inference.intent");
            assertThat(said.out()).contains("atlas_token").doesNotContain("\"api_key\"");
        }
    }

    private static void sdk(Running atlas, JsonNode ready, String localKey) throws Exception {
        Running.Said said =
                Running.run(
                        List.of("node", Running.root().resolve("e2e/js/openai.mjs").toString()),
                        Map.of(
                                "NODE_EXTRA_CA_CERTS", ready.path("ca").asText(),
                                "OPENAI_BASE_URL", ready.path("base_url").asText(),
                                "OPENAI_API_KEY", localKey,
                                "MODEL", atlas.model()));
        assertThat(said.status()).as(said.out() + said.err()).isZero();
        JsonNode seen = said.json();
        assertThat(seen.path("streamed").asText()).containsIgnoringCase("trust");
        assertThat(seen.path("chunks").asInt()).isGreaterThan(3);
        assertThat(seen.path("whole").asText()).isNotBlank();
        assertThat(seen.path("embedding").asInt()).isGreaterThan(16);
        assertThat(seen.path("wrongKey").asInt()).isEqualTo(401);
        assertThat(seen.path("wrongModel").asInt()).isEqualTo(404);
        assertThat(seen.path("injection").asInt()).isEqualTo(400);
    }
}
