package atlas.segmentation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/** Hosts in namespaces around a router; {@code src/test/python/netlab.py} does the work. */
final class NetLab implements AutoCloseable {
    static final ObjectMapper JSON = new ObjectMapper();

    private final Process process;
    private final BufferedWriter in;
    private final BufferedReader out;

    /** One attempt: from a host to an address. */
    record Probe(String from, String address, String transport, int port) {}

    NetLab() throws IOException {
        process =
                new ProcessBuilder("python3", "src/test/python/netlab.py")
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        in = process.outputWriter();
        out = process.inputReader();
    }

    /** Skips by name where namespaces or nft cannot be had; in CI that is a failure. */
    static void need() throws IOException, InterruptedException {
        boolean there = on("nft") && on("python3") && on("ip") && namespaces();
        String what = "this test needs root, network namespaces, `nft`, `ip` and `python3`";
        if (!there && "true".equals(System.getenv("CI"))) {
            Assertions.fail(what);
        }
        Assumptions.assumeTrue(there, what);
    }

    private static boolean on(String program) {
        for (String dir : (System.getenv("PATH") + ":/usr/sbin:/sbin").split(":")) {
            if (Files.isExecutable(Path.of(dir, program))) {
                return true;
            }
        }
        return false;
    }

    private static boolean namespaces() throws IOException, InterruptedException {
        String name = "atl-try-" + ProcessHandle.current().pid();
        String script =
                "ip netns add "
                        + name
                        + " && ip netns exec "
                        + name
                        + " nft list ruleset; s=$?; ip netns del "
                        + name
                        + "; exit $s";
        Process attempt =
                new ProcessBuilder("sh", "-c", script)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        return attempt.waitFor() == 0;
    }

    JsonNode ask(ObjectNode command) throws IOException {
        in.write(command + "\n");
        in.flush();
        JsonNode answer = JSON.readTree(out.readLine());
        assertThat(answer.path("error").asText("")).as(command.path("do").asText()).isEmpty();
        return answer;
    }

    static ObjectNode command(String name) {
        return JSON.createObjectNode().put("do", name);
    }

    /** Hosts by name, each with the number of its subnet and its last octet. */
    void up(Map<String, int[]> hosts) throws IOException {
        ObjectNode up = command("up");
        ObjectNode all = up.putObject("hosts");
        hosts.forEach((name, place) ->
                all.putObject(name)
                        .put("interface", "v" + place[0] + "-r")
                        .put("v4", v4(place) + "/24")
                        .put("v6", v6(place) + "/64"));
        ask(up);
    }

    static String v4(int[] place) {
        return "10.77." + place[0] + "." + place[1];
    }

    static String v6(int[] place) {
        return "fd77:" + place[0] + "::" + place[1];
    }

    void load(String text) throws IOException {
        Path file = Files.createTempFile("atlas", ".nft");
        try {
            Files.writeString(file, text);
            ask(command("load").put("file", file.toString()));
        } finally {
            Files.delete(file);
        }
    }

    String nft(String... arguments) throws IOException {
        ObjectNode nft = command("nft");
        for (String argument : arguments) {
            nft.withArray("arguments").add(argument);
        }
        return ask(nft).path("out").asText();
    }

    /** Which got through; those that should are waited for. */
    Set<Probe> probe(List<Probe> probes, Set<Probe> expected) throws IOException {
        ObjectNode probe = command("probe");
        probe.putArray("sure");
        probe.putArray("probes");
        probes.forEach(one -> add(probe, "probes", one));
        expected.forEach(one -> add(probe, "sure", one));
        List<Probe> through = new ArrayList<>();
        ask(probe)
                .path("through")
                .forEach(p ->
                        through.add(
                                new Probe(
                                        p.get(0).asText(),
                                        p.get(1).asText(),
                                        p.get(2).asText(),
                                        p.get(3).asInt())));
        return new HashSet<>(through);
    }

    private static void add(ObjectNode command, String list, Probe one) {
        command.withArray(list)
                .addArray()
                .add(one.from())
                .add(one.address())
                .add(one.transport())
                .add(one.port());
    }

    @Override
    public void close() throws IOException {
        in.close();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            process.destroy();
            Thread.currentThread().interrupt();
        }
    }
}
