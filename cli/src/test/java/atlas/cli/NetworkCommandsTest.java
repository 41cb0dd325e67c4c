package atlas.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NetworkCommandsTest {
    private static final String POLICY =
            """
            network_policy:
              inference_subnet:
                ingress:
                  - from: api_gateway
                    port: 443
                    protocol: TLS 1.3
                egress:
                  - to:
                      external: denied
            segments:
              api_gateway: [10.77.1.0/24, "fd77:1::/64"]
              inference_subnet: [10.77.2.0/24, "fd77:2::/64"]
            """;

    @TempDir Path temp;
    private Path policy = Path.of("");

    @BeforeEach
    void writes() throws Exception {
        policy = Files.writeString(temp.resolve("policy.yaml"), POLICY);
    }

    private Shell.Said network(String... args) {
        String[] all = new String[args.length + 1];
        all[0] = "network";
        System.arraycopy(args, 0, all, 1, args.length);
        return Shell.run(all);
    }

    @Test
    void reachExitsByTheAnswerAndNamesTheRule() throws Exception {
        Shell.Said yes =
                network(
                        "reach",
                        policy.toString(),
                        "--from",
                        "api_gateway",
                        "--to",
                        "inference",
                        "--port",
                        "443",
                        "--output",
                        "json");
        Shell.Said no =
                network(
                        "reach",
                        policy.toString(),
                        "--from",
                        "10.77.2.3",
                        "--to",
                        "1.1.1.1",
                        "--port",
                        "443",
                        "--output",
                        "json");
        assertThat(yes.status()).as(yes.err()).isEqualTo(Main.YES);
        assertThat(Remote.JSON.readTree(yes.out()).at("/rules/0").asText())
                .isEqualTo("network_policy.inference_subnet.ingress[0] (line 4)");
        assertThat(no.status()).isEqualTo(Main.NO);
        assertThat(Remote.JSON.readTree(no.out()).at("/rules/0").asText()).contains("(line 9)");
        assertThat(
                        network(
                                        "reach",
                                        policy.toString(),
                                        "--from",
                                        "apigateway",
                                        "--to",
                                        "inference",
                                        "--port",
                                        "443")
                                .err())
                .contains("did you mean `api_gateway`?");
    }

    @Test
    void whatCannotBeReadIsNeverADenial() {
        assertThat(
                        network(
                                        "reach",
                                        temp.resolve("none").toString(),
                                        "--from",
                                        "a",
                                        "--to",
                                        "b",
                                        "--port",
                                        "1")
                                .status())
                .isEqualTo(Main.UNKNOWN);
        assertThat(
                        network(
                                        "reach",
                                        policy.toString(),
                                        "--from",
                                        "external",
                                        "--to",
                                        "inference_subnet",
                                        "--port",
                                        "0")
                                .status())
                .isEqualTo(Main.USAGE);
    }

    @Test
    void noPacketGoesFromOneFamilyToTheOther() {
        Shell.Said said =
                network(
                        "reach",
                        policy.toString(),
                        "--from",
                        "10.77.1.1",
                        "--to",
                        "fd77:2::1",
                        "--port",
                        "443");
        assertThat(said.status()).isEqualTo(Main.USAGE);
        assertThat(said.err()).contains("different families");
    }

    @Test
    void aPolicyWithAMistakeIsRefusedWithItsPlace() throws Exception {
        Files.writeString(policy, POLICY.replace("from: api_gateway", "from: api_gatway"));
        Shell.Said check = network("check", policy.toString(), "--output", "json");
        assertThat(check.status()).isEqualTo(Main.NO);
        JsonNode problem = Remote.JSON.readTree(check.out()).at("/problems/0");
        assertThat(problem.path("line").asInt()).isEqualTo(4);
        assertThat(problem.path("hint").asText()).isEqualTo("did you mean `api_gateway`?");
        Shell.Said reach =
                network(
                        "reach",
                        policy.toString(),
                        "--from",
                        "external",
                        "--to",
                        "inference_subnet",
                        "--port",
                        "443");
        assertThat(reach.status()).isEqualTo(Main.UNKNOWN);
        Shell.Said compile = network("compile", policy.toString(), "--target", "nftables");
        assertThat(compile.status()).isEqualTo(Main.NO);
        assertThat(compile.out()).isEmpty();
    }

    @Test
    void whatIsCompiledIsProvedAndAWeakenedRuleIsFound() throws Exception {
        Path out = temp.resolve("out");
        Shell.Said compiled =
                network("compile", policy.toString(), "--target", "nftables", "-o", out.toString());
        assertThat(compiled.status()).as(compiled.err()).isEqualTo(Main.YES);
        assertThat(compiled.err()).contains("weaker than the policy: ");
        Path rules = out.resolve("atlas.nft");
        String[] check = {
            "check",
            policy.toString(),
            "--target",
            "nftables",
            "--against",
            out.toString(),
            "--output",
            "json"
        };
        assertThat(network(check).status()).isEqualTo(Main.YES);

        String text = Files.readString(rules);
        Files.writeString(rules, text.replace("tcp . 443 ", "tcp . 440-443 "));

        Shell.Said weakened = network(check);
        assertThat(weakened.status()).isEqualTo(Main.NO);
        assertThat(Remote.JSON.readTree(weakened.out()).at("/targets/0/differences/0").asText())
                .contains("open, and denied by the policy")
                .contains("tcp/440-442");
    }
}
