package atlas.node.engine.embedded;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The kernels in plain Java, for where vector code does not pay. */
final class ScalarKernels implements Kernels {
    @Override
    public void multiply(Tensor weights, float[] x, int n, float[] y, float[] scratch) {
        int columns = weights.columns();
        for (int row = 0; row < weights.rows(); row++) {
            unpack(weights, row, scratch, 0);
            for (int j = 0; j < n; j++) {
                y[j * weights.rows() + row] = dot(scratch, 0, x, j * columns, columns);
            }
        }
    }

    @Override
    public float dot(float[] a, int aFrom, float[] b, int bFrom, int count) {
        float s0 = 0;
        float s1 = 0;
        float s2 = 0;
        float s3 = 0;
        int i = 0;
        for (; i + 4 <= count; i += 4) {
            s0 += a[aFrom + i] * b[bFrom + i];
            s1 += a[aFrom + i + 1] * b[bFrom + i + 1];
            s2 += a[aFrom + i + 2] * b[bFrom + i + 2];
            s3 += a[aFrom + i + 3] * b[bFrom + i + 3];
        }
        for (; i < count; i++) {
            s0 += a[aFrom + i] * b[bFrom + i];
        }
        return s0 + s1 + (s2 + s3);
    }

    @Override
    public void addScaled(float factor, float[] x, int xFrom, float[] y, int yFrom, int count) {
        for (int i = 0; i < count; i++) {
            y[yFrom + i] += factor * x[xFrom + i];
        }
    }

    @Override
    public void unpack(Tensor weights, int row, float[] into, int at) {
        MemorySegment values = weights.values();
        long from = weights.rowOffset(row);
        int columns = weights.columns();
        switch (weights.type()) {
            case F32 -> {
                for (int i = 0; i < columns; i++) {
                    into[at + i] = values.get(GgufReader.FLOAT, from + 4L * i);
                }
            }
            case F16 -> {
                for (int i = 0; i < columns; i++) {
                    short half = values.get(GgufReader.SHORT, from + 2L * i);
                    into[at + i] = Float.float16ToFloat(half);
                }
            }
            case Q8_0 -> {
                for (int block = 0; block < columns / 32; block++) {
                    long start = from + 34L * block;
                    float scale = Float.float16ToFloat(values.get(GgufReader.SHORT, start));
                    for (int i = 0; i < 32; i++) {
                        int q = values.get(ValueLayout.JAVA_BYTE, start + 2 + i);
                        into[at + 32 * block + i] = scale * q;
                    }
                }
            }
        }
    }

    @Override
    public String name() {
        return "scalar";
    }
}
