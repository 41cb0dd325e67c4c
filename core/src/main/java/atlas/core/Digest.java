package atlas.core;

import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;

/** A SHA-256 digest: 32 bytes, compared in constant time, printed in lower-case hex. */
public final class Digest {
    /** Length in bytes. */
    public static final int BYTES = 32;

    private final byte[] bytes;

    private Digest(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * The digest with these bytes, copied.
     *
     * @throws IllegalArgumentException unless there are 32
     */
    public static Digest of(byte[] bytes) {
        if (bytes.length != BYTES) {
            throw new IllegalArgumentException("a digest has 32 bytes, not " + bytes.length);
        }
        return new Digest(bytes.clone());
    }

    /**
     * Reads 64 lower-case hex digits.
     *
     * @throws IllegalArgumentException when they are anything else
     */
    public static Digest parse(String hex) {
        if (hex.length() != 2 * BYTES
                || hex.chars().anyMatch(c -> (c < '0' || c > '9') && (c < 'a' || c > 'f'))) {
            throw new IllegalArgumentException("a digest has 64 lower-case hex digits");
        }
        return new Digest(HexFormat.of().parseHex(hex));
    }

    /** A copy of the bytes. */
    public byte[] bytes() {
        return bytes.clone();
    }

    /** The lower-case hex form. */
    public String hex() {
        return HexFormat.of().formatHex(bytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Digest that && MessageDigest.isEqual(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return hex();
    }
}
