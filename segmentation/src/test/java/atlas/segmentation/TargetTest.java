package atlas.segmentation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.segmentation.graph.AccessGraph;
import atlas.segmentation.target.Compiled;
import atlas.segmentation.target.InexpressibleException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TargetTest {
    @ParameterizedTest
    @EnumSource
    void compilesTheSameTextAlways(Target target) throws Exception {
        AccessGraph graph = Policies.graph(Policies.text("policies/full.yaml"));
        Compiled compiled = target.compile(graph);
        assertThat(target.compile(graph)).isEqualTo(compiled);
        Policies.golden("golden/" + target.fileName(), compiled.text());
    }

    @Test
    void nftablesNeedsAddresses() throws Exception {
        AccessGraph published = Policies.graph(Policies.text("policies/published.yaml"));
        assertThatThrownBy(() -> Target.NFTABLES.compile(published))
                .isInstanceOf(InexpressibleException.class)
                .hasMessageContaining("segment `api_gateway` has no addresses");
    }

    /** What lies in {@code deploy} is what the example compiles to. */
    @Test
    void theRulesForDeploymentAreThoseOfTheExample() throws Exception {
        String example = Files.readString(Path.of("../examples/network/policy.yaml"));
        Policies.golden(
                "../../../../../deploy/nftables/atlas.nft",
                Target.NFTABLES.compile(Policies.graph(example)).text());
    }
}
