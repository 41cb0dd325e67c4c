package atlas.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.core.Role;
import atlas.runtime.Config;
import atlas.runtime.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GatewayConfigTest {
    private static final Path PAGE = Path.of("../docs/reference/data-plane-api.md");

    @TempDir Path directory;

    private GatewayConfig load(String yaml) throws ConfigException, IOException {
        Path file = Files.writeString(directory.resolve("atlas.yaml"), yaml);
        return Config.load(file, "gateway", GatewayConfig.class, Map.of("VLLM_KEY", "k"));
    }

    private static String block(String start) throws IOException {
        String page = Files.readString(PAGE);
        int from = page.indexOf("```yaml\n" + start) + "```yaml\n".length();
        return page.substring(from, page.indexOf("```", from));
    }

    @Test
    void hasTheDefaultsThatTheReferenceShows() throws Exception {
        assertThat(load(block("gateway:"))).isEqualTo(GatewayConfig.defaults());
        assertThat(load("")).isEqualTo(GatewayConfig.defaults());
    }

    @Test
    void takesTheEngineThatTheReferenceShows() throws Exception {
        GatewayConfig config = load("gateway:\n" + block("  engines:"));

        GatewayConfig.Engine engine = config.engines().getFirst();
        assertThat(engine.engineModel()).isEqualTo("mistral-7b");
        assertThat(engine.tls()).isFalse();
        assertThat(engine.key().orElseThrow().reveal()).isEqualTo("k");
    }

    @Test
    void takesANodeByItsSpiffeId() throws Exception {
        GatewayConfig config =
                load(
                        """
                        gateway:
                          nodes:
                            - {name: a, host: node, port: 1, spiffe-id: "spiffe://atlas/node"}
                        """);

        assertThat(config.nodes().getFirst().spiffeId()).hasToString("spiffe://atlas/node");
    }

    @Test
    void aRuleIsAboutARoleThatThereIs() throws Exception {
        GatewayConfig config =
                load("gateway:\n  record-rules: [{role: model-admin, keep: none}]\n");
        assertThat(config.recordRules().getFirst().role()).contains("model_admin");
        config.requireRoles(Set.copyOf(Role.builtIn()));
        GatewayConfig custom = load("gateway:\n  record-rules: [{role: doctor, keep: none}]\n");
        custom.requireRoles(Set.of(Role.of("doctor")));
        assertThatThrownBy(() -> custom.requireRoles(Set.copyOf(Role.builtIn())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("names the role `doctor`")
                .hasMessageContaining("`model_admin`");
    }

    @Test
    void refusesWhatMakesNoSense() {
        for (String line :
                new String[] {
                    "record: everything",
                    "record-rules: [{keep: hash}]",
                    "record-rules: [{model: m, keep: some}]",
                    "record-rules: [{role: Somebody Else, keep: none}]",
                    "listen-port: 70000",
                    "answer-timeout: 1s",
                    "max-answer-bytes: 1",
                    "strangers-per-minute: -1",
                    "listn-port: 1"
                }) {
            assertThatThrownBy(() -> load("gateway:\n  " + line + "\n"))
                    .as(line)
                    .isInstanceOf(ConfigException.class);
        }
    }
}
