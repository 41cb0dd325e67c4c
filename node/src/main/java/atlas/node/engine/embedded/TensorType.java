package atlas.node.engine.embedded;

/** The number formats that the kernels read. */
enum TensorType {
    F32(0, 1, 4),
    F16(1, 1, 2),
    /** Blocks of 32 signed bytes under one half-precision scale. */
    Q8_0(8, 32, 34);

    final int code;
    final int blockValues;
    final int blockBytes;

    TensorType(int code, int blockValues, int blockBytes) {
        this.code = code;
        this.blockValues = blockValues;
        this.blockBytes = blockBytes;
    }

    static TensorType of(int code, String tensor) {
        for (TensorType type : values()) {
            if (type.code == code) {
                return type;
            }
        }
        throw new GgufException(
                "tensor `"
                        + tensor
                        + "` has number format "
                        + code
                        + ", which this engine does not read (F32, F16 and Q8_0 are)");
    }

    /** Bytes of a row; the row must be whole blocks. */
    long rowBytes(long values) {
        return values / blockValues * blockBytes;
    }
}
