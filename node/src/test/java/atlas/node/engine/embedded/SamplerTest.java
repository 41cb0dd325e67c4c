package atlas.node.engine.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import atlas.node.engine.Sampling;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SamplerTest {
    private static final float[] LOGITS = {1, 3, 2, -4, -0.5f};
    private final SecureRandom seeds = new SecureRandom();

    private List<Integer> draws(Sampling sampling, int count) {
        Sampler sampler = new Sampler(sampling, seeds);
        List<Integer> drawn = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            drawn.add(sampler.next(LOGITS, 0, LOGITS.length));
        }
        return drawn;
    }

    private static Sampling sampling(double temperature, int topK, double topP, long seed) {
        return new Sampling(temperature, topK, topP, 0, 0, OptionalLong.of(seed));
    }

    @Test
    void greedyTakesTheLikeliest() {
        assertThat(draws(Sampling.greedy(), 3)).containsOnly(1);
    }

    @Test
    void theSameSeedDrawsTheSame() {
        assertThat(draws(sampling(1, 0, 1, 9), 50)).isEqualTo(draws(sampling(1, 0, 1, 9), 50));
        assertThat(draws(sampling(1, 0, 1, 9), 50)).isNotEqualTo(draws(sampling(1, 0, 1, 8), 50));
    }

    @Test
    void topKAndTopPKeepOnlyTheLikeliest() {
        assertThat(Set.copyOf(draws(sampling(2, 2, 1, 4), 400))).isEqualTo(Set.of(1, 2));
        assertThat(Set.copyOf(draws(sampling(2, 1, 1, 4), 100))).isEqualTo(Set.of(1));
        assertThat(Set.copyOf(draws(sampling(1, 0, 0, 4), 100))).isEqualTo(Set.of(1));
        assertThat(Set.copyOf(draws(sampling(1, 0, .8, 4), 400))).isEqualTo(Set.of(1, 2));
    }

    @Test
    void drawsInProportion() {
        double total = 0;
        for (float logit : LOGITS) {
            total += Math.exp(logit);
        }
        long ones = draws(sampling(1, 0, 1, 7), 20_000).stream().filter(t -> t == 1).count();
        assertThat(ones / 20_000.0).isCloseTo(Math.exp(3) / total, within(.02));
    }

    @Test
    void penaltiesMakeRoomForOthers() {
        Sampling penalised = new Sampling(0, 0, 1, 0, 2, OptionalLong.empty());
        assertThat(draws(penalised, 3)).startsWith(1, 2).isNotEqualTo(List.of(1, 1, 1));
        Sampling frequent = new Sampling(0, 0, 1, 2, 0, OptionalLong.empty());
        assertThat(new HashSet<>(draws(frequent, 12))).hasSizeGreaterThan(2);
    }

    @Test
    void tellsTheLogProbabilityOfItsChoice() {
        Sampler sampler = new Sampler(Sampling.greedy(), seeds);
        sampler.next(LOGITS, 0, LOGITS.length);
        double total = 0;
        for (float logit : LOGITS) {
            total += Math.exp(logit);
        }
        assertThat((double) sampler.logprob()).isCloseTo(3 - Math.log(total), within(1e-5));
    }
}
