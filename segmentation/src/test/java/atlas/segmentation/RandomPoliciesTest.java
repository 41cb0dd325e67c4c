package atlas.segmentation;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.segmentation.graph.AccessGraph;
import atlas.segmentation.graph.AccessGraph.Verdict;
import atlas.segmentation.graph.Segment;
import atlas.segmentation.graph.Transport;
import atlas.segmentation.target.Proof;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Made-up policies: what was meant, the graph and what each target's text allows are the same, and
 * a text that was changed is not. {@code segmentation/policy-campaign} runs many more.
 */
class RandomPoliciesTest {
    private static final int POLICIES = Integer.getInteger("atlas.segmentation.policies", 20);
    private static final long SEED = Long.getLong("atlas.segmentation.seed", 1);

    @Test
    void whatWasMeantIsWhatEveryTargetHolds() throws Exception {
        for (int i = 0; i < POLICIES; i++) {
            long seed = SEED + i;
            RandomPolicy made = new RandomPolicy(seed);
            AccessGraph graph = Policies.graph(made.text());
            asMeant(made, graph, seed);
            for (Target target : Target.values()) {
                String text = target.compile(graph).text();
                Proof proof = target.prove(text, graph);
                assertThat(proof.differences()).as("seed %d, %s", seed, target).isEmpty();
                assertThat(proof.compared()).isPositive();
            }
            weakened(graph, seed);
        }
    }

    private static void asMeant(RandomPolicy made, AccessGraph graph, long seed) {
        List<Segment> all =
                Stream.concat(graph.segments().values().stream(), Stream.of(Segment.external()))
                        .toList();
        for (Segment from : all) {
            for (Segment to : all) {
                for (Transport transport : Transport.values()) {
                    for (int port : RandomPolicy.PORTS) {
                        boolean allowed =
                                graph.decide(from, to, transport, port) instanceof Verdict.Allowed;
                        assertThat(allowed)
                                .as(
                                        "seed %d: %s -> %s %s/%d",
                                        seed, from.name(), to.name(), transport, port)
                                .isEqualTo(made.allows(from.name(), to.name(), transport, port));
                    }
                }
            }
        }
    }

    /** Any element that is taken away, or widened, is noticed. */
    private static void weakened(AccessGraph graph, long seed) throws Exception {
        String text = Target.NFTABLES.compile(graph).text();
        List<String> elements = text.lines().filter(line -> line.contains(": goto admit")).toList();
        if (elements.isEmpty()) {
            return;
        }
        SplittableRandom random = new SplittableRandom(seed);
        String one = elements.get(random.nextInt(elements.size()));
        String wider = one.replaceFirst(" . ([0-9]+)(-[0-9]+)? comment", " . 1-$1 comment");
        for (String instead : List.of("", wider)) {
            String changed = text.replace(one + "\n", instead.isEmpty() ? "" : instead + "\n");
            assertThat(Target.NFTABLES.prove(changed, graph).holds())
                    .as("seed %d without %s", seed, one)
                    .isFalse();
        }
    }
}
