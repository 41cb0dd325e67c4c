package atlas.segmentation;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.segmentation.NetLab.Probe;
import atlas.segmentation.graph.AccessGraph;
import atlas.segmentation.graph.AccessGraph.Verdict;
import atlas.segmentation.graph.Transport;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The compiled rules in a real kernel, between hosts that really connect. */
class RealPacketsTest {
    private static final Map<String, int[]> HOSTS = new LinkedHashMap<>();

    private static @Nullable NetLab lab;
    private static AccessGraph graph = Policies.graph("network_policy: {a: {ingress: []}}");
    private static String policy = "";

    static {
        HOSTS.put("gateway", new int[] {1, 2});
        HOSTS.put("inference", new int[] {2, 2});
        HOSTS.put("storage", new int[] {3, 2});
        HOSTS.put("management", new int[] {4, 2});
        HOSTS.put("admin", new int[] {5, 2});
        HOSTS.put("dns", new int[] {7, 53});
        HOSTS.put("outside", new int[] {9, 2});
    }

    @BeforeAll
    static void builds() throws Exception {
        NetLab.need();
        policy = Policies.text("policies/full.yaml");
        graph = Policies.graph(policy);
        lab = new NetLab();
        lab.up(HOSTS);
        for (String host : HOSTS.keySet()) {
            var listen = NetLab.command("listen").put("host", host);
            listen.putArray("ports").add(443).add(8443).add(9090);
            lab.ask(listen);
        }
    }

    @AfterAll
    static void takesDown() throws Exception {
        if (lab != null) {
            lab.close();
        }
    }

    @BeforeEach
    void loads() throws Exception {
        lab().load(compiled(policy));
    }

    private static NetLab lab() {
        return java.util.Objects.requireNonNull(lab);
    }

    private static String compiled(String text) throws Exception {
        return Target.NFTABLES.compile(Policies.graph(text)).text();
    }

    private static boolean allowed(Probe probe) {
        int[] from = java.util.Objects.requireNonNull(HOSTS.get(probe.from()));
        boolean six = probe.address().indexOf(':') >= 0;
        return graph.decide(
                        graph.holding(six ? NetLab.v6(from) : NetLab.v4(from)),
                        graph.holding(probe.address()),
                        Transport.valueOf(probe.transport().toUpperCase(java.util.Locale.ROOT)),
                        probe.port())
                instanceof Verdict.Allowed;
    }

    private static Set<Probe> allowed(List<Probe> probes) {
        Set<Probe> allowed = new HashSet<>(probes);
        allowed.removeIf(probe -> !allowed(probe));
        return allowed;
    }

    /** Every host to every other, on every port that means anything and some that do not. */
    private static List<Probe> matrix() {
        List<Probe> probes = new ArrayList<>();
        HOSTS.forEach((from, source) ->
                HOSTS.forEach((to, place) -> {
                    for (int port : List.of(22, 53, 123, 443, 8443, 9090)) {
                        for (String transport : List.of("tcp", "udp")) {
                            if (!from.equals(to)) {
                                probes.add(new Probe(from, NetLab.v4(place), transport, port));
                                probes.add(new Probe(from, NetLab.v6(place), transport, port));
                            }
                        }
                    }
                }));
        return probes;
    }

    @Test
    void whatIsAllowedPassesAndNothingElse() throws Exception {
        List<Probe> probes = matrix();
        Set<Probe> expected = allowed(probes);
        assertThat(expected).hasSize(16);
        assertThat(lab().probe(probes, expected)).isEqualTo(expected);

        // Without rules the same attempts all get through: the lab tells open from closed.
        lab().nft("delete", "table", "inet", "atlas");
        assertThat(lab().probe(probes, Set.copyOf(probes))).hasSameSizeAs(probes);
    }

    @Test
    void aCompromisedInferenceHostReachesWhatItMayAndNothingElse() throws Exception {
        List<Probe> probes = new ArrayList<>();
        for (int port = 1; probes.size() < 10_000; port += 13) {
            for (Map.Entry<String, int[]> host : HOSTS.entrySet()) {
                if (!host.getKey().equals("inference")) {
                    probes.add(new Probe("inference", NetLab.v4(host.getValue()), "tcp", port));
                    probes.add(new Probe("inference", NetLab.v6(host.getValue()), "udp", port));
                }
            }
        }
        probes.add(new Probe("inference", NetLab.v4(new int[] {3, 2}), "tcp", 8443));
        probes.add(new Probe("inference", NetLab.v6(new int[] {3, 2}), "tcp", 8443));
        Set<Probe> expected = allowed(probes);
        assertThat(expected).hasSize(2);
        assertThat(lab().probe(probes, expected)).isEqualTo(expected);
    }

    @Test
    void whatIsRevokedEndsAndTheRestGoesOn() throws Exception {
        String storage = NetLab.v4(new int[] {3, 2});
        String inference = NetLab.v4(new int[] {2, 2});
        int kept = open("inference", storage, 8443);
        int revoked = open("management", inference, 9090);
        assertThat(talks(kept)).isTrue();
        assertThat(talks(revoked)).isTrue();

        lab().load(compiled(policy));
        assertThat(talks(kept)).as("the same policy again").isTrue();
        assertThat(talks(revoked)).isTrue();

        lab().load(compiled(policy.replace("          inference_subnet: monitoring_only\n", "")));
        assertThat(talks(revoked)).as("revoked").isFalse();
        assertThat(talks(kept)).as("not revoked").isTrue();
    }

    private static int open(String host, String address, int port) throws Exception {
        return lab().ask(
                        NetLab.command("open")
                                .put("host", host)
                                .put("address", address)
                                .put("port", port))
                .path("id")
                .asInt();
    }

    private static boolean talks(int id) throws Exception {
        return lab().ask(NetLab.command("talk").put("id", id)).path("answers").asBoolean();
    }

    @Test
    void aForgedSourceIsDroppedAndCounted() throws Exception {
        assertThat(lab().nft("list", "counter", "inet", "atlas", "spoofed")).contains("packets 0");
        lab().ask(
                        NetLab.command("spoof")
                                .put("host", "outside")
                                .put("source", NetLab.v4(new int[] {1, 2}))
                                .put("address", NetLab.v4(new int[] {2, 2}))
                                .put("port", 443));
        assertThat(lab().nft("list", "counter", "inet", "atlas", "spoofed")).contains("packets 1");
    }

    @Test
    void aWeakenedRuleIsFoundByPacketsByProofAndByDrift() throws Exception {
        String loaded = lab().nft("list", "table", "inet", "atlas");
        assertThat(Target.NFTABLES.prove(loaded, graph).differences()).isEmpty();
        assertThat(Target.NFTABLES.drift(compiled(policy), loaded)).isEmpty();

        lab().nft(
                        "add element inet atlas flows4 { 10.77.2.0/24 . 10.77.3.0/24 . tcp . 22 :"
                                + " goto admit }");

        Probe leak = new Probe("inference", NetLab.v4(new int[] {3, 2}), "tcp", 22);
        List<Probe> probes = matrix();
        Set<Probe> through = new HashSet<>(lab().probe(probes, allowed(probes)));
        through.removeAll(allowed(probes));
        assertThat(through).containsExactly(leak);
        String weakened = lab().nft("list", "table", "inet", "atlas");
        assertThat(Target.NFTABLES.prove(weakened, graph).differences())
                .isNotEmpty()
                .allMatch(difference -> difference.open() && difference.carried().equals("tcp/22"));
        assertThat(Target.NFTABLES.drift(compiled(policy), weakened))
                .containsExactly("`flows4` has 1 elements too many");
    }
}
