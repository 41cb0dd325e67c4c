package atlas.node.trainer;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Matrix product on one thread with a fixed lane width and a fixed order of additions, so that two
 * runs give the same bits.
 */
final class Gemm {
    private static final VectorSpecies<Float> LANES = FloatVector.SPECIES_256;
    private static final int WIDTH = 16;
    private static final int HEIGHT = 4;

    private float[] panel = new float[0];
    private float[] packed = new float[0];

    /** A matrix inside an array: element (r, c) lies at {@code offset + r * row + c * column}. */
    record View(float[] values, int offset, int row, int column) {
        static View rows(float[] values, int width) {
            return new View(values, 0, width, 1);
        }

        static View rows(float[] values, int offset, int width) {
            return new View(values, offset, width, 1);
        }

        View transposed() {
            return new View(values, offset, column, row);
        }
    }

    /** {@code c = a b}, or {@code c += a b}; rows a multiple of 4, columns a multiple of 16. */
    void multiply(View a, View b, View c, int rows, int inner, int columns, boolean add) {
        View left = a.column == 1 ? a : pack(a, rows, inner);
        if (panel.length < inner * WIDTH) {
            panel = new float[inner * WIDTH];
        }
        for (int column = 0; column < columns; column += WIDTH) {
            fillPanel(b, column, inner);
            for (int row = 0; row < rows; row += HEIGHT) {
                int p = left.offset + row * left.row;
                int o = c.offset + row * c.row + column;
                tile(left.values, p, left.row, inner, c.values, o, c.row, add);
            }
        }
    }

    private View pack(View a, int rows, int inner) {
        if (packed.length < rows * inner) {
            packed = new float[rows * inner];
        }
        for (int k0 = 0; k0 < inner; k0 += WIDTH) {
            int end = Math.min(inner, k0 + WIDTH);
            for (int r = 0; r < rows; r++) {
                int from = a.offset + r * a.row;
                for (int k = k0; k < end; k++) {
                    packed[r * inner + k] = a.values[from + k * a.column];
                }
            }
        }
        return View.rows(packed, inner);
    }

    private void fillPanel(View b, int column, int inner) {
        int from = b.offset + column * b.column;
        if (b.column == 1) {
            for (int k = 0; k < inner; k++) {
                System.arraycopy(b.values, from + k * b.row, panel, k * WIDTH, WIDTH);
            }
            return;
        }
        for (int c = 0; c < WIDTH; c++) {
            for (int k = 0; k < inner; k++) {
                panel[k * WIDTH + c] = b.values[from + k * b.row + c * b.column];
            }
        }
    }

    private void tile(
            float[] a, int p, int stride, int inner, float[] c, int o, int ldc, boolean add) {
        int p1 = p + stride;
        int p2 = p1 + stride;
        int p3 = p2 + stride;
        FloatVector a0 = FloatVector.zero(LANES);
        FloatVector a1 = a0;
        FloatVector b0 = a0;
        FloatVector b1 = a0;
        FloatVector c0 = a0;
        FloatVector c1 = a0;
        FloatVector d0 = a0;
        FloatVector d1 = a0;
        for (int k = 0; k < inner; k++) {
            FloatVector x = FloatVector.fromArray(LANES, panel, k * WIDTH);
            FloatVector y = FloatVector.fromArray(LANES, panel, k * WIDTH + 8);
            FloatVector v = FloatVector.broadcast(LANES, a[p + k]);
            a0 = v.fma(x, a0);
            a1 = v.fma(y, a1);
            v = FloatVector.broadcast(LANES, a[p1 + k]);
            b0 = v.fma(x, b0);
            b1 = v.fma(y, b1);
            v = FloatVector.broadcast(LANES, a[p2 + k]);
            c0 = v.fma(x, c0);
            c1 = v.fma(y, c1);
            v = FloatVector.broadcast(LANES, a[p3 + k]);
            d0 = v.fma(x, d0);
            d1 = v.fma(y, d1);
        }
        store(a0, a1, c, o, add);
        store(b0, b1, c, o + ldc, add);
        store(c0, c1, c, o + 2 * ldc, add);
        store(d0, d1, c, o + 3 * ldc, add);
    }

    private static void store(FloatVector low, FloatVector high, float[] c, int o, boolean add) {
        if (add) {
            low.add(FloatVector.fromArray(LANES, c, o)).intoArray(c, o);
            high.add(FloatVector.fromArray(LANES, c, o + 8)).intoArray(c, o + 8);
        } else {
            low.intoArray(c, o);
            high.intoArray(c, o + 8);
        }
    }

    /** Sets the first {@code count} values to zero. */
    static void clear(float[] values, int count) {
        Arrays.fill(values, 0, count, 0);
    }
}
