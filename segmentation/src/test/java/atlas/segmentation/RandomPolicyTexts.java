package atlas.segmentation;

import java.util.List;
import java.util.stream.LongStream;

/** Made-up policies, for tests of one target. */
public final class RandomPolicyTexts {
    private RandomPolicyTexts() {}

    public static List<String> some(int count) {
        return LongStream.range(1, 1 + count)
                .mapToObj(seed -> new RandomPolicy(seed).text())
                .toList();
    }
}
