package atlas.node.engine;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SamplingTest {
    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, -0.1, 2.1, Double.POSITIVE_INFINITY})
    void refusesATemperatureThatMeansNothing(double temperature) {
        assertThatThrownBy(() -> new Sampling(temperature, 0, 1, 0, 0, OptionalLong.empty()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("`temperature`");
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, -0.1, 1.1})
    void refusesANucleusThatMeansNothing(double topP) {
        assertThatThrownBy(() -> new Sampling(1, 0, topP, 0, 0, OptionalLong.empty()))
                .hasMessageContaining("`top_p`");
    }

    @Test
    void refusesPenaltiesAndCountsOutOfRange() {
        assertThatThrownBy(() -> new Sampling(1, -1, 1, 0, 0, OptionalLong.empty()))
                .hasMessageContaining("`top_k`");
        assertThatThrownBy(() -> new Sampling(1, 0, 1, 2.5, 0, OptionalLong.empty()))
                .hasMessageContaining("`frequency_penalty`");
        assertThatThrownBy(() -> new Sampling(1, 0, 1, 0, Double.NaN, OptionalLong.empty()))
                .hasMessageContaining("`presence_penalty`");
    }

    @Test
    void refusesRequestsForNothingOrWithAbsurdStops() {
        Prompt prompt = new Prompt.Text("x");
        assertThatThrownBy(() -> new GenerationRequest(prompt, 0, Sampling.greedy(), List.of()))
                .hasMessageContaining("`max_tokens`");
        assertThatThrownBy(() -> new GenerationRequest(prompt, 1, Sampling.greedy(), List.of("")))
                .hasMessageContaining("`stop`");
    }
}
