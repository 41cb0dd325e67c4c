package atlas.node.engine.embedded;

/**
 * The two loops in which the time goes. Thread-safe; arithmetic order is fixed per implementation,
 * so the same kernels give the same bits however requests are batched.
 */
interface Kernels {
    /**
     * {@code y[j * rows + r] = weights[r] · x[j * columns ...]} for {@code n} inputs.
     *
     * @param scratch at least one row of values, overwritten with weights
     */
    void multiply(Tensor weights, float[] x, int n, float[] y, float[] scratch);

    /** The product of {@code count} values of each array. */
    float dot(float[] a, int aFrom, float[] b, int bFrom, int count);

    /** {@code y += factor * x}. */
    void addScaled(float factor, float[] x, int xFrom, float[] y, int yFrom, int count);

    /** Unpacks one row of a tensor. */
    void unpack(Tensor weights, int row, float[] into, int at);

    /** What this is, for the status page. */
    String name();

    /** The fastest that this machine and its settings run well. */
    static Kernels best() {
        return VectorSupport.usable() ? new VectorKernels() : new ScalarKernels();
    }
}
