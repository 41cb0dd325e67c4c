package atlas.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A model of one's own: signed by a trusted key, approved by another person, deployed by a third.
 */
class OwnModelTest {
    @TempDir Path temp;

    @Test
    void servesAModelOnlyAfterTwoPairsOfEyes() throws Exception {
        Peers.need("openssl");
        Path key = temp.resolve("signer.pem");
        Path pub = temp.resolve("signer.pub");
        openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key.toString());
        openssl("ec", "-in", key.toString(), "-pubout", "-out", pub.toString());
        Path config =
                Files.writeString(
                        temp.resolve("atlas.yaml"),
                        "trust:\n  model-signers:\n    - name: my-team\n      public-key: "
                                + pub
                                + "\n");
        Path folder = Files.createDirectory(temp.resolve("my-model"));
        Path shipped = Running.root().resolve("models/atlas-demo/atlas-demo-q8_0.gguf");
        Files.copy(shipped, folder.resolve("mine.gguf"));

        try (Running atlas = Running.up(temp.resolve("home"), "--config", config.toString())) {
            Path home = atlas.home();
            Running.Said pushed =
                    Running.run(
                            home,
                            "model",
                            "push",
                            folder.toString(),
                            "--name",
                            "my-model",
                            "--key",
                            key.toString());
            assertThat(pushed.status()).as(pushed.err()).isZero();
            assertThat(Running.run(home, "model", "deploy", "my-model@1").status()).isEqualTo(1);
            assertThat(Running.run(home, "model", "approve", "my-model@1").status())
                    .as("approving one's own push")
                    .isEqualTo(1);

            Path second = secondAdmin(home);
            Running.Said approved =
                    Running.run(
                            home,
                            "model",
                            "approve",
                            "my-model@1",
                            "--credential",
                            second.toString());
            assertThat(approved.status()).as(approved.err()).isZero();
            Running.Said deployed = Running.run(home, "model", "deploy", "my-model@1");
            assertThat(deployed.status()).as(deployed.err()).isZero();

            assertServes(atlas);

            assertStrangersAreRefused(home, folder);
        }
    }

    private static void assertServes(Running atlas) throws Exception {
        HttpResponse<String> answer =
                atlas.post(
                        atlas.gateway("/v1/chat/completions"),
                        atlas.key("consumer"),
                        Map.of(
                                "model",
                                "my-model",
                                "max_tokens",
                                40,
                                "messages",
                                List.of(Map.of("role", "user", "content", "Hello!"))));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    private void assertStrangersAreRefused(Path home, Path folder) throws Exception {
        Path stranger = temp.resolve("stranger.pem");
        openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", stranger.toString());
        Running.Said refused =
                Running.run(
                        home,
                        "model",
                        "push",
                        folder.toString(),
                        "--name",
                        "my-model",
                        "--key",
                        stranger.toString());
        assertThat(refused.status()).as(refused.err()).isEqualTo(1);
    }

    private Path secondAdmin(Path home) throws Exception {
        assertThat(
                        Running.run(
                                        home,
                                        "role",
                                        "grant",
                                        "--principal",
                                        "mo",
                                        "--role",
                                        "model_admin")
                                .status())
                .isZero();
        Running.Said issued =
                Running.run(
                        home,
                        "--output",
                        "json",
                        "key",
                        "issue",
                        "--principal",
                        "mo",
                        "--role",
                        "model_admin",
                        "--human");
        assertThat(issued.status()).as(issued.err()).isZero();
        return Files.writeString(temp.resolve("mo.key"), issued.json().path("key").asText());
    }

    private static void openssl(String... arguments) throws Exception {
        List<String> command = new java.util.ArrayList<>(List.of("openssl"));
        command.addAll(List.of(arguments));
        Running.Said said = Running.run(command, Map.of());
        assertThat(said.status()).as(said.err()).isZero();
    }
}
