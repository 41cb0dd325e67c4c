package atlas.segmentation.graph;

/** The two families of addresses. */
public enum Family {
    IPV4(32),
    IPV6(128);

    private final int bits;

    Family(int bits) {
        this.bits = bits;
    }

    public int bits() {
        return bits;
    }
}
