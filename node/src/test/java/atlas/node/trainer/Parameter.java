package atlas.node.trainer;

import java.util.Random;

/** One trained array with its gradient and the two running means AdamW keeps. */
final class Parameter {
    final String name;
    final int rows;
    final int columns;
    final float[] value;
    final float[] gradient;
    final float[] mean;
    final float[] square;

    private Parameter(String name, int rows, int columns) {
        this.name = name;
        this.rows = rows;
        this.columns = columns;
        int size = rows * columns;
        value = new float[size];
        gradient = new float[size];
        mean = new float[size];
        square = new float[size];
    }

    static Parameter matrix(String name, int rows, int columns, double deviation, Random random) {
        Parameter made = new Parameter(name, rows, columns);
        for (int i = 0; i < made.value.length; i++) {
            made.value[i] = (float) (random.nextGaussian() * deviation);
        }
        return made;
    }

    static Parameter norm(String name, int columns) {
        Parameter made = new Parameter(name, 1, columns);
        java.util.Arrays.fill(made.value, 1);
        return made;
    }

    boolean isNorm() {
        return rows == 1;
    }
}
