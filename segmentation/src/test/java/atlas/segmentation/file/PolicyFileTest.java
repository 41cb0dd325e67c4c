package atlas.segmentation.file;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.segmentation.Policies;
import atlas.segmentation.graph.AccessGraph;
import atlas.segmentation.graph.AccessGraph.Verdict;
import atlas.segmentation.graph.Flow;
import atlas.segmentation.graph.Pods;
import atlas.segmentation.graph.Segment;
import atlas.segmentation.graph.Transport;
import java.util.List;
import org.junit.jupiter.api.Test;

class PolicyFileTest {
    @Test
    void thePublishedPolicyMeansWhatItSays() throws Exception {
        AccessGraph graph = Policies.graph(Policies.text("policies/published.yaml"));
        assertThat(graph.flows().stream().map(Flow::toString))
                .containsExactly(
                        "admin_vpn -> management_subnet tcp/443",
                        "api_gateway -> inference_subnet tcp/443",
                        "inference_subnet -> model_storage tcp/8443",
                        "management_subnet -> inference_subnet tcp/9090");
        assertThat(graph.flows().getLast().monitoring()).isTrue();
        assertThat(graph.denials())
                .singleElement()
                .satisfies(denial -> {
                    assertThat(denial.from()).isEqualTo("inference_subnet");
                    assertThat(denial.to()).isEqualTo(Segment.EXTERNAL);
                    assertThat(denial.origin().line()).isEqualTo(11);
                });
    }

    @Test
    void theNotationOfThePublishedPageIsUnderstood() throws Exception {
        String published = Policies.text("policies/published.yaml");
        String asPrinted =
                published
                        .replaceAll("- to:\\n +external: denied", "- to: external: denied")
                        .replaceAll(
                                "- to:\\n +inference_subnet: monitoring_only",
                                "- to: inference_subnet: monitoring_only");
        String besides =
                published.replaceAll("\\n {10}(external|inference_subnet): ", "\n        $1: ");
        assertThat(asPrinted).contains("- to: external: denied").isNotEqualTo(published);
        assertThat(besides).contains("\n        external: denied").isNotEqualTo(published);
        for (String variant : List.of(asPrinted, besides)) {
            assertThat(Policies.graph(variant).flows().stream().map(Flow::toString))
                    .isEqualTo(
                            Policies.graph(published).flows().stream()
                                    .map(Flow::toString)
                                    .toList());
            assertThat(Policies.graph(variant).denials()).hasSize(1);
        }
    }

    @Test
    void bothEndsDecideTogetherAndTheStricterProtocolHolds() {
        AccessGraph graph =
                Policies.graph(
                        """
                        network_policy:
                          a:
                            egress:
                              - to: b
                                port: [443, 8000-8010]
                          b:
                            ingress:
                              - from: a
                                port: 443
                                protocol: TLS 1.3
                              - from: a
                                port: 8000-8004
                              - from: a
                                port: 8005-8010
                                protocol: mTLS
                        """);
        assertThat(graph.flows().stream().map(flow -> flow + " " + flow.protocol()))
                .containsExactly(
                        "a -> b tcp/443 TLS_1_3",
                        "a -> b tcp/8000-8004 TCP",
                        "a -> b tcp/8005-8010 MUTUAL_TLS_1_3");
        assertThat(graph.flows().getFirst().origins()).hasSize(2);
    }

    @Test
    void aDirectionThatIsNotListedIsLeftToTheOtherEnd() {
        AccessGraph graph =
                Policies.graph(
                        """
                        network_policy:
                          a:
                            ingress:
                              - from: external
                                port: 443
                          b:
                            ingress:
                              - from: a
                                port: 443
                        """);
        assertThat(graph.flows()).hasSize(2);
    }

    @Test
    void whatNoRuleNamesIsDenied() throws Exception {
        AccessGraph graph = Policies.graph(Policies.text("policies/full.yaml"));
        int allowed = 0;
        for (Segment from : graph.segments().values()) {
            for (Segment to : graph.segments().values()) {
                for (Transport transport : Transport.values()) {
                    for (int port : List.of(22, 53, 123, 443, 8443, 9090)) {
                        if (graph.decide(from, to, transport, port) instanceof Verdict.Allowed) {
                            allowed++;
                        }
                    }
                }
            }
        }
        assertThat(allowed).isEqualTo(graph.flows().size() - 1);
    }

    @Test
    void anAddressIsOfTheSegmentThatHoldsIt() throws Exception {
        AccessGraph graph = Policies.graph(Policies.text("policies/full.yaml"));
        assertThat(graph.holding("10.77.2.9").name()).isEqualTo("inference_subnet");
        assertThat(graph.holding("::ffff:10.77.2.9").name()).isEqualTo("inference_subnet");
        assertThat(graph.holding("fd77:3::1").name()).isEqualTo("model_storage");
        assertThat(graph.holding("1.1.1.1").isExternal()).isTrue();
    }

    @Test
    void podsAreSelectedAsManifestsDo() {
        String rules =
                "network_policy: {a: {ingress: [{from: b, port: 443}]}}\nsegments:\n  b: []\n";
        String brief = rules + "  a: {kubernetes: {namespace: n, labels: {app: x}}}\n";
        String whole =
                rules
                        + "  a: {kubernetes: {podSelector: {matchLabels: {app: x}},"
                        + " namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: n}}}}\n";
        assertThat(pods(whole)).isEqualTo(pods(brief)).isNotEmpty();
    }

    private static List<Pods> pods(String policy) {
        return Policies.graph(policy).segments().values().stream()
                .flatMap(segment -> segment.pods().stream())
                .toList();
    }
}
