package atlas.node.engine.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import atlas.node.trainer.GgufWriter;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KernelsTest {
    private static final int ROWS = 24;
    private final SplittableRandom random = new SplittableRandom(5);

    private float[] values(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (random.nextDouble() * 2 - 1);
        }
        return values;
    }

    private Tensor tensor(int type, int columns) {
        byte[] file =
                new GgufWriter().tensor("w", ROWS, columns, type, values(ROWS * columns)).bytes();
        return GgufFile.read(MemorySegment.ofArray(file)).tensor("w", ROWS, columns);
    }

    private static float[] product(Kernels kernels, Tensor w, float[] x, int n) {
        float[] y = new float[n * w.rows()];
        kernels.multiply(w, x, n, y, new float[w.columns()]);
        return y;
    }

    @ParameterizedTest
    @CsvSource({"0,7", "0,64", "1,40", "1,192", "8,32", "8,96", "8,512"})
    void vectorAndScalarAgree(int type, int columns) {
        Tensor w = tensor(type, columns);
        float[] x = values(9 * columns);
        float[] vector = product(new VectorKernels(), w, x, 9);
        float[] scalar = product(new ScalarKernels(), w, x, 9);
        for (int i = 0; i < scalar.length; i++) {
            assertThat(vector[i]).isCloseTo(scalar[i], within(2e-5f * columns));
        }
    }

    @Test
    void aBatchGivesTheSameBitsAsOneAtATime() {
        for (Kernels kernels : new Kernels[] {new VectorKernels(), new ScalarKernels()}) {
            Tensor w = tensor(GgufWriter.Q8_0, 96);
            float[] x = values(7 * 96);
            float[] together = product(kernels, w, x, 7);
            for (int j = 0; j < 7; j++) {
                float[] one = java.util.Arrays.copyOfRange(x, j * 96, (j + 1) * 96);
                float[] alone = product(kernels, w, one, 1);
                for (int r = 0; r < ROWS; r++) {
                    assertThat(together[j * ROWS + r]).isEqualTo(alone[r]);
                }
            }
        }
    }

    @Test
    void unpackingGivesBackWhatWasQuantised() {
        float[] original = values(64);
        byte[] file = new GgufWriter().tensor("w", 1, 64, GgufWriter.Q8_0, original).bytes();
        Tensor w = GgufFile.read(MemorySegment.ofArray(file)).tensor("w", 1, 64);
        float[] vector = new float[64];
        float[] scalar = new float[64];
        new VectorKernels().unpack(w, 0, vector, 0);
        new ScalarKernels().unpack(w, 0, scalar, 0);
        assertThat(vector).isEqualTo(scalar);
        for (int i = 0; i < 64; i++) {
            assertThat(vector[i]).isCloseTo(original[i], within(1 / 127f));
        }
    }
}
