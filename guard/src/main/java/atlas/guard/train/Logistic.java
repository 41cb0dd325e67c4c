package atlas.guard.train;

/** Logistic regression over a few features by Newton's method; always the same from the same. */
final class Logistic {
    private static final int STEPS = 25;
    private static final double RIDGE = 1e-3;

    private Logistic() {}

    /** Fits weights to rows of features, the first of which is the bias and always 1. */
    static double[] fit(double[][] rows, boolean[] attacks) {
        int n = rows[0].length;
        double[] weights = new double[n];
        for (int step = 0; step < STEPS; step++) {
            double[] gradient = new double[n];
            double[][] curve = new double[n][n];
            for (int i = 0; i < n; i++) {
                gradient[i] = -RIDGE * weights[i];
                curve[i][i] = RIDGE;
            }
            for (int r = 0; r < rows.length; r++) {
                double p = 1 / (1 + Math.exp(-dot(weights, rows[r])));
                double error = (attacks[r] ? 1 : 0) - p;
                double spread = Math.max(1e-6, p * (1 - p));
                for (int i = 0; i < n; i++) {
                    gradient[i] += error * rows[r][i];
                    for (int j = 0; j < n; j++) {
                        curve[i][j] += spread * rows[r][i] * rows[r][j];
                    }
                }
            }
            solve(curve, gradient);
            for (int i = 0; i < n; i++) {
                weights[i] += gradient[i];
            }
        }
        return weights;
    }

    private static double dot(double[] weights, double[] row) {
        double sum = 0;
        for (int i = 0; i < weights.length; i++) {
            sum += weights[i] * row[i];
        }
        return sum;
    }

    /** Gaussian elimination with pivots; the answer comes in place of the right side. */
    private static void solve(double[][] a, double[] b) {
        int n = b.length;
        for (int c = 0; c < n; c++) {
            int pivot = c;
            for (int r = c + 1; r < n; r++) {
                pivot = Math.abs(a[r][c]) > Math.abs(a[pivot][c]) ? r : pivot;
            }
            double[] row = a[pivot];
            a[pivot] = a[c];
            a[c] = row;
            double value = b[pivot];
            b[pivot] = b[c];
            b[c] = value;
            for (int r = 0; r < n; r++) {
                if (r != c) {
                    double factor = a[r][c] / a[c][c];
                    for (int k = c; k < n; k++) {
                        a[r][k] -= factor * a[c][k];
                    }
                    b[r] -= factor * b[c];
                }
            }
        }
        for (int i = 0; i < n; i++) {
            b[i] /= a[i][i];
        }
    }
}
