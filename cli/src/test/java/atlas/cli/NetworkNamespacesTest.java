package atlas.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Probe and drift against a real kernel: hosts in namespaces around a router with the rules. */
class NetworkNamespacesTest {
    private static final String LAB = "../segmentation/src/test/python/netlab.py";
    private static final Path POLICY =
            Path.of("../segmentation/src/test/resources/segmentation/policies/full.yaml");

    @TempDir Path temp;
    private @Nullable Process lab;
    private @Nullable BufferedWriter in;
    private @Nullable BufferedReader out;

    @BeforeEach
    void builds() throws Exception {
        Process attempt =
                new ProcessBuilder(
                                "sh", "-c", "ip netns list && nft --version && python3 --version")
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        boolean there = attempt.waitFor() == 0 && root();
        String what = "this test needs root, `ip`, `nft` and `python3`";
        if (!there && "true".equals(System.getenv("CI"))) {
            Assertions.fail(what);
        }
        Assumptions.assumeTrue(there, what);
        Process started = new ProcessBuilder("python3", LAB).start();
        lab = started;
        in = started.outputWriter();
        out = started.inputReader();
        ObjectNode up = Remote.object().put("do", "up");
        ObjectNode hosts = up.putObject("hosts");
        Map.of("gateway", 1, "inference", 2, "storage", 3)
                .forEach((name, i) ->
                        hosts.putObject(name)
                                .put("interface", "v" + i + "-r")
                                .put("v4", "10.77." + i + ".2/24")
                                .put("v6", "fd77:" + i + "::2/64"));
        boolean namespaces = ask(up).path("ok").asBoolean();
        String needed = "this test needs network namespaces";
        if (!namespaces && "true".equals(System.getenv("CI"))) {
            Assertions.fail(needed);
        }
        Assumptions.assumeTrue(namespaces, needed);
    }

    private static boolean root() throws IOException {
        return Files.getOwner(Path.of("/proc/self")).getName().equals("root");
    }

    @AfterEach
    void takesDown() throws Exception {
        if (lab != null) {
            lab.outputWriter().close();
            lab.waitFor();
        }
    }

    private JsonNode ask(ObjectNode command) throws IOException {
        BufferedWriter to = java.util.Objects.requireNonNull(in);
        to.write(command + "\n");
        to.flush();
        return Remote.JSON.readTree(java.util.Objects.requireNonNull(out).readLine());
    }

    private void nft(String command) throws IOException {
        ObjectNode nft = Remote.object().put("do", "nft");
        nft.putArray("arguments").add(command);
        assertThat(ask(nft).path("ok").asBoolean()).isTrue();
    }

    @Test
    void aWeakenedRuleIsFoundByDriftAndByProbe() throws Exception {
        String prefix = ask(Remote.object().put("do", "names")).path("prefix").asText();
        String[] drift = {
            "network", "drift", POLICY.toString(), "--namespace", prefix + "rt", "--output", "json"
        };
        assertThat(Shell.run(drift).out()).contains("nothing of it is loaded");

        Shell.Said compiled =
                Shell.run(
                        "network",
                        "compile",
                        POLICY.toString(),
                        "--target",
                        "nftables",
                        "-o",
                        temp.toString());
        assertThat(compiled.status()).as(compiled.err()).isZero();
        ask(Remote.object().put("do", "load").put("file", temp.resolve("atlas.nft").toString()));
        Shell.Said same = Shell.run(drift);
        assertThat(same.status()).as(same.out() + same.err()).isEqualTo(Main.YES);

        nft(
                "add element inet atlas flows4"
                        + " { 10.77.2.0/24 . 10.77.3.0/24 . tcp . 22 : goto admit }");

        Shell.Said weakened = Shell.run(drift);
        assertThat(weakened.status()).isEqualTo(Main.NO);
        assertThat(Remote.JSON.readTree(weakened.out()).at("/differences/0").asText())
                .contains("tcp/22");
        JsonNode probed = probe(prefix + "inference");
        assertThat(probed.path("from").asText()).isEqualTo("inference_subnet");
        List<JsonNode> differ =
                probed.path("probes")
                        .valueStream()
                        .filter(probe -> probe.path("result").asText().equals("differs"))
                        .toList();
        assertThat(differ)
                .singleElement()
                .satisfies(probe -> {
                    assertThat(probe.path("address").asText()).isEqualTo("10.77.3.2");
                    assertThat(probe.path("port").asInt()).isEqualTo(22);
                    assertThat(probe.path("found").asText()).isEqualTo("refused");
                });
    }

    /** In a process of its own: the command starts itself again inside, and speaks there. */
    private static JsonNode probe(String namespace) throws Exception {
        Process process =
                new ProcessBuilder(
                                System.getProperty("java.home") + "/bin/java",
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                System.getProperty("java.class.path"),
                                Main.class.getName(),
                                "network",
                                "probe",
                                POLICY.toString(),
                                "--namespace",
                                namespace,
                                "--host",
                                "model_storage=10.77.3.2",
                                "--host",
                                "model_storage=fd77:3::2",
                                "--output",
                                "json")
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).as(said).isEqualTo(Main.NO);
        return Remote.JSON.readTree(said);
    }
}
