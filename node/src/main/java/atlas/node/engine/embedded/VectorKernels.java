package atlas.node.engine.embedded;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * The kernels on the Vector API; the only class that names it. Lanes are 256 bits at most, so that
 * wider machines add in the same order.
 */
final class VectorKernels implements Kernels {
    private static final VectorSpecies<Float> FLOATS =
            FloatVector.SPECIES_PREFERRED.length() > 8
                    ? FloatVector.SPECIES_256
                    : FloatVector.SPECIES_PREFERRED;
    private static final int LANES = FLOATS.length();
    private static final VectorSpecies<Byte> BYTES = ByteVector.SPECIES_64;
    private static final VectorSpecies<Float> EIGHT = FloatVector.SPECIES_256;

    private static final VectorShuffle<Float> HALF = VectorShuffle.iota(FLOATS, LANES / 2, 1, true);
    private static final VectorShuffle<Float> QUARTER =
            VectorShuffle.iota(FLOATS, LANES / 4, 1, true);
    private static final VectorShuffle<Float> EIGHTH =
            VectorShuffle.iota(FLOATS, LANES / 8, 1, true);

    private final ScalarKernels scalar = new ScalarKernels();

    @Override
    public void multiply(Tensor weights, float[] x, int n, float[] y, float[] scratch) {
        int columns = weights.columns();
        int rows = weights.rows();
        for (int row = 0; row < rows; row++) {
            unpack(weights, row, scratch, 0);
            int j = 0;
            for (; j + 4 <= n; j += 4) {
                four(scratch, x, j * columns, columns, y, j * rows + row, rows);
            }
            for (; j < n; j++) {
                y[j * rows + row] = dot(scratch, 0, x, j * columns, columns);
            }
        }
    }

    /**
     * Four inputs at once, so that each weight is loaded once. INVARIANT: the same additions in the
     * same order as {@link #dot}, or a batched answer could differ from a lone one.
     */
    private static void four(
            float[] w, float[] x, int from, int columns, float[] y, int to, int rows) {
        FloatVector a0 = FloatVector.zero(FLOATS);
        FloatVector a1 = a0;
        FloatVector a2 = a0;
        FloatVector a3 = a0;
        FloatVector b0 = a0;
        FloatVector b1 = a0;
        FloatVector b2 = a0;
        FloatVector b3 = a0;
        int i = 0;
        int x1 = from + columns;
        int x2 = x1 + columns;
        int x3 = x2 + columns;
        for (; i + 2 * LANES <= columns; i += 2 * LANES) {
            FloatVector v = FloatVector.fromArray(FLOATS, w, i);
            FloatVector u = FloatVector.fromArray(FLOATS, w, i + LANES);
            a0 = v.fma(FloatVector.fromArray(FLOATS, x, from + i), a0);
            b0 = u.fma(FloatVector.fromArray(FLOATS, x, from + i + LANES), b0);
            a1 = v.fma(FloatVector.fromArray(FLOATS, x, x1 + i), a1);
            b1 = u.fma(FloatVector.fromArray(FLOATS, x, x1 + i + LANES), b1);
            a2 = v.fma(FloatVector.fromArray(FLOATS, x, x2 + i), a2);
            b2 = u.fma(FloatVector.fromArray(FLOATS, x, x2 + i + LANES), b2);
            a3 = v.fma(FloatVector.fromArray(FLOATS, x, x3 + i), a3);
            b3 = u.fma(FloatVector.fromArray(FLOATS, x, x3 + i + LANES), b3);
        }
        y[to] = rest(a0.add(b0), w, i, x, from + i, columns - i);
        y[to + rows] = rest(a1.add(b1), w, i, x, x1 + i, columns - i);
        y[to + 2 * rows] = rest(a2.add(b2), w, i, x, x2 + i, columns - i);
        y[to + 3 * rows] = rest(a3.add(b3), w, i, x, x3 + i, columns - i);
    }

    /** The sum of all lanes in a fixed order; {@code reduceLanes} leaves the order open. */
    private static float fold(FloatVector sums) {
        FloatVector v = sums.add(sums.rearrange(HALF));
        v = v.add(v.rearrange(QUARTER));
        if (LANES > 4) {
            v = v.add(v.rearrange(EIGHTH));
        }
        return v.lane(0);
    }

    private static float rest(
            FloatVector sums, float[] a, int aFrom, float[] b, int bFrom, int count) {
        float sum = fold(sums);
        for (int i = 0; i < count; i++) {
            sum += a[aFrom + i] * b[bFrom + i];
        }
        return sum;
    }

    @Override
    public float dot(float[] a, int aFrom, float[] b, int bFrom, int count) {
        FloatVector s0 = FloatVector.zero(FLOATS);
        FloatVector s1 = s0;
        int i = 0;
        for (; i + 2 * LANES <= count; i += 2 * LANES) {
            FloatVector v = FloatVector.fromArray(FLOATS, a, aFrom + i);
            FloatVector u = FloatVector.fromArray(FLOATS, a, aFrom + i + LANES);
            s0 = v.fma(FloatVector.fromArray(FLOATS, b, bFrom + i), s0);
            s1 = u.fma(FloatVector.fromArray(FLOATS, b, bFrom + i + LANES), s1);
        }
        return rest(s0.add(s1), a, aFrom + i, b, bFrom + i, count - i);
    }

    @Override
    public void addScaled(float factor, float[] x, int xFrom, float[] y, int yFrom, int count) {
        FloatVector f = FloatVector.broadcast(FLOATS, factor);
        int i = 0;
        for (; i + LANES <= count; i += LANES) {
            FloatVector sum = FloatVector.fromArray(FLOATS, y, yFrom + i);
            FloatVector.fromArray(FLOATS, x, xFrom + i).fma(f, sum).intoArray(y, yFrom + i);
        }
        for (; i < count; i++) {
            y[yFrom + i] += factor * x[xFrom + i];
        }
    }

    @Override
    public void unpack(Tensor weights, int row, float[] into, int at) {
        if (weights.type() != TensorType.Q8_0) {
            scalar.unpack(weights, row, into, at);
            return;
        }
        MemorySegment values = weights.values();
        long from = weights.rowOffset(row);
        for (int block = 0; block < weights.columns() / 32; block++) {
            long start = from + 34L * block;
            float scale = Float.float16ToFloat(values.get(GgufReader.SHORT, start));
            for (int part = 0; part < 32; part += 8) {
                ByteVector q =
                        ByteVector.fromMemorySegment(
                                BYTES, values, start + 2 + part, ByteOrder.LITTLE_ENDIAN);
                FloatVector f = (FloatVector) q.castShape(EIGHT, 0);
                f.mul(scale).intoArray(into, at + 32 * block + part);
            }
        }
    }

    @Override
    public String name() {
        return "vector, " + FLOATS.vectorBitSize() + " bits";
    }
}
