package atlas.vectors;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class NeighboursTest {
    private static final int COUNT = 1_500;
    private static final int EXACT = 300;
    private static final int DIMENSIONS = 24;
    private static final int MOST = 10;

    private static List<float[]> unit(long seed, int count) {
        return World.vectors(seed, count, DIMENSIONS).stream()
                .map(v -> Contents.direction(v).orElseThrow().reveal())
                .toList();
    }

    private static Set<Integer> brute(List<float[]> all, float[] query, IntPredicate accepts) {
        return java.util.stream.IntStream.range(0, all.size())
                .filter(accepts)
                .boxed()
                .sorted((a, b) ->
                        Float.compare(
                                Neighbours.dot(query, all.get(b)),
                                Neighbours.dot(query, all.get(a))))
                .limit(MOST)
                .collect(Collectors.toSet());
    }

    private static double recall(
            Neighbours neighbours, List<float[]> all, IntPredicate accepts, int accepted) {
        int found = 0;
        List<float[]> queries = unit(2, 50);
        for (float[] query : queries) {
            Set<Integer> near =
                    neighbours.nearest(query, MOST, accepts, accepted).stream()
                            .map(Neighbours.Near::place)
                            .collect(Collectors.toCollection(HashSet::new));
            near.retainAll(brute(all, query, accepts));
            found += near.size();
        }
        return (double) found / (queries.size() * MOST);
    }

    @Test
    void theGraphFindsWhatLookingAtEveryVectorFinds() {
        Neighbours neighbours = new Neighbours(EXACT);
        List<float[]> all = unit(1, COUNT);
        all.forEach(neighbours::add);
        neighbours.index(COUNT);

        assertThat(neighbours.behind()).isZero();
        assertThat(neighbours.graphBytes()).isBetween(1L, (long) COUNT * Contents.ITEM_BYTES);
        assertThat(recall(neighbours, all, _ -> true, COUNT)).isGreaterThanOrEqualTo(0.95);
        // A third is gone: what is left is found all the same.
        IntPredicate left = place -> place % 3 != 0;
        assertThat(recall(neighbours, all, left, 1_000)).isGreaterThanOrEqualTo(0.95);
    }

    @Test
    void whatIsNotIndexedYetIsFoundAsWell() {
        Neighbours neighbours = new Neighbours(EXACT);
        List<float[]> all = unit(3, COUNT);
        all.forEach(neighbours::add);
        neighbours.index(1_000);

        assertThat(neighbours.behind()).isEqualTo(500);
        for (int place : new int[] {0, 999, 1_000, COUNT - 1}) {
            assertThat(neighbours.nearest(all.get(place), 1, _ -> true, COUNT))
                    .extracting(Neighbours.Near::place)
                    .containsExactly(place);
        }
    }

    @Test
    void aFilterThatLeavesLittleFindsAllOfIt() {
        Neighbours neighbours = new Neighbours(EXACT);
        List<float[]> all = unit(4, COUNT);
        all.forEach(neighbours::add);
        neighbours.index(COUNT);

        IntPredicate few = place -> place % 500 == 7;
        assertThat(recall(neighbours, all, few, 3)).isEqualTo(0.3);
        assertThat(neighbours.nearest(all.getFirst(), MOST, few, 3))
                .extracting(Neighbours.Near::place)
                .containsExactlyInAnyOrder(7, 507, 1_007);
    }
}
