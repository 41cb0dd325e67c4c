package atlas.segmentation;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.segmentation.NetLab.Probe;
import atlas.segmentation.graph.Transport;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Made-up policies in a real kernel: what gets through is what was meant. {@code
 * segmentation/policy-campaign} runs many more.
 */
class KernelPoliciesTest {
    private static final int POLICIES = Integer.getInteger("atlas.segmentation.kernel", 2);
    private static final long SEED = Long.getLong("atlas.segmentation.seed", 1);
    private static final int HOSTS = 7;

    @Test
    void whatGetsThroughIsWhatWasMeant() throws Exception {
        NetLab.need();
        Map<String, int[]> hosts = new LinkedHashMap<>();
        for (int i = 1; i <= HOSTS; i++) {
            hosts.put("h" + i, new int[] {i, 2});
        }
        try (NetLab lab = new NetLab()) {
            lab.up(hosts);
            for (int i = 0; i < POLICIES; i++) {
                RandomPolicy made = new RandomPolicy(SEED + i);
                lab.load(Target.NFTABLES.compile(Policies.graph(made.text())).text());
                List<Probe> probes = new ArrayList<>();
                Set<Probe> expected = new HashSet<>();
                for (int from = 1; from <= HOSTS; from++) {
                    for (int to = 1; to <= HOSTS; to++) {
                        if (from != to) {
                            probes(made, from, to, probes, expected);
                        }
                    }
                }
                assertThat(lab.probe(probes, expected))
                        .as("seed %d: %s", SEED + i, made.text())
                        .isEqualTo(expected);
            }
        }
    }

    private static void probes(
            RandomPolicy made, int from, int to, List<Probe> probes, Set<Probe> expected) {
        int[] place = {to, 2};
        for (Transport transport : Transport.values()) {
            for (int port : RandomPolicy.PORTS) {
                for (String address : List.of(NetLab.v4(place), NetLab.v6(place))) {
                    Probe probe =
                            new Probe(
                                    "h" + from,
                                    address,
                                    transport.name().toLowerCase(Locale.ROOT),
                                    port);
                    probes.add(probe);
                    if (made.allows(segment(made, from), segment(made, to), transport, port)) {
                        expected.add(probe);
                    }
                }
            }
        }
    }

    private static String segment(RandomPolicy made, int host) {
        return host <= made.segments() ? "s" + host : "external";
    }
}
