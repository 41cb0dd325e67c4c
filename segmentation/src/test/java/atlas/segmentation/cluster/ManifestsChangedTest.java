package atlas.segmentation.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.segmentation.Policies;
import atlas.segmentation.Target;
import atlas.segmentation.graph.AccessGraph;
import atlas.segmentation.target.NotUnderstoodException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever is changed about manifests, the proof notices, or refuses to read them. */
class ManifestsChangedTest {
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NFTABLES")
    void noObjectCanBeLeftOut(Target target) throws Exception {
        AccessGraph graph = Policies.graph(Policies.text("policies/full.yaml"));
        String text = target.compile(graph).text();
        List<String> documents = List.of(text.split("(?m)^---\n"));
        for (int i = 1; i < documents.size(); i++) {
            List<String> fewer = new ArrayList<>(documents);
            String left = fewer.remove(i);
            String changed = String.join("---\n", fewer);
            boolean noticed = !target.prove(changed, graph).holds();
            assertThat(noticed).as(target + " without " + left).isTrue();
            assertThat(target.drift(text, changed)).hasSize(1);
        }
        assertThat(target.drift(text, text)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NFTABLES")
    void noLineCanBeLeftOut(Target target) throws Exception {
        AccessGraph graph = Policies.graph(Policies.text("policies/full.yaml"));
        String text = target.compile(graph).text();
        List<String> lines = text.lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            // Names and labels of the objects themselves, and words whose absence means the same:
            // that a segment's pods are isolated, the policy of their namespace says, too.
            if (line.matches(
                    "#.*|---|- (In|E)gress|(in|e)gress:|apiVersion.*|metadata:|name:"
                        + " .*|labels:|app.kubernetes.io/.*|protocol: TCP|action: ALLOW|- HEAD|-"
                        + " /livez|enableDefaultDeny:|(in|e)gress: (true|\\[\\])|- \\{\\}|spec:"
                        + " \\{\\}")) {
                continue;
            }
            List<String> fewer = new ArrayList<>(lines);
            fewer.remove(i);
            boolean noticed;
            try {
                noticed = !target.prove(String.join("\n", fewer), graph).holds();
            } catch (NotUnderstoodException e) {
                noticed = true;
            }
            assertThat(noticed).as(target + " without line " + (i + 1) + ": " + line).isTrue();
        }
    }

    @Test
    void publishedPolicyCompilesByLabelConvention() throws Exception {
        AccessGraph graph = Policies.graph(Policies.text("policies/published.yaml"));
        for (Target target : List.of(Target.KUBERNETES, Target.CILIUM, Target.ISTIO)) {
            Policies.golden("golden/published-" + target.fileName(), target.compile(graph).text());
        }
    }

    @Test
    void whatOlderReadersTakeForSomethingElseIsQuoted() throws Exception {
        AccessGraph graph =
                Policies.graph(
                        """
                        network_policy:
                          a: {ingress: [{from: b, port: 443}]}
                        segments:
                          a: {kubernetes: {namespace: n, labels: {app: "on", tier: "0123"}}}
                          b: {kubernetes: {namespace: n, labels: {app: "1e3"}}}
                        """);
        assertThat(Target.KUBERNETES.compile(graph).text())
                .contains("app: \"on\"")
                .contains("tier: \"0123\"")
                .contains("app: \"1e3\"")
                .contains("port: 443\n");
    }
}
