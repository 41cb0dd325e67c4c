package atlas.registry.scan;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Names formats that are not admitted, so that a refusal says what the file is. */
final class ForeignFormat {
    private static final int TAR_MAGIC_AT = 257;

    private record Magic(String bytes, String name) {}

    private static final List<Magic> MAGICS =
            List.of(
                    new Magic("PK\3\4", "a ZIP archive (PyTorch, Keras, NumPy or plain)"),
                    new Magic("PK\5\6", "a ZIP archive (PyTorch, Keras, NumPy or plain)"),
                    new Magic("\u0089HDF\r\n", "an HDF5 file (Keras)"),
                    new Magic("\u0093NUMPY", "a NumPy array"),
                    new Magic("7z\u00bc\u00af", "a 7z archive"),
                    new Magic("\u001f\u008b", "gzip"),
                    new Magic("BZh", "bzip2"),
                    new Magic("\u00fd7zXZ", "xz"),
                    new Magic("\u0028\u00b5\u002f\u00fd", "zstd"),
                    new Magic("\u0004\"M\u0018", "lz4"),
                    new Magic("\u007fELF", "a native program"),
                    new Magic("MZ", "a native program"),
                    new Magic("\u00ca\u00fe\u00ba\u00be", "a program"),
                    new Magic("\u00cf\u00fa\u00ed\u00fe", "a native program"),
                    new Magic("#!", "a script"),
                    new Magic("Rar!", "a RAR archive"));

    private ForeignFormat() {}

    /** The format, from the first bytes of a file. */
    static Optional<String> recognise(byte[] head) {
        String text = new String(head, StandardCharsets.ISO_8859_1);
        for (Magic magic : MAGICS) {
            if (text.startsWith(magic.bytes())) {
                return Optional.of(magic.name());
            }
        }
        if (head.length >= 2 && head[0] == (byte) 0x80 && head[1] >= 1 && head[1] <= 5) {
            return Optional.of("a pickle, which runs code when it is loaded");
        }
        byte[] ustar = "ustar".getBytes(StandardCharsets.US_ASCII);
        int end = TAR_MAGIC_AT + ustar.length;
        if (head.length >= end && Arrays.equals(head, TAR_MAGIC_AT, end, ustar, 0, ustar.length)) {
            return Optional.of("a tar archive");
        }
        return Optional.empty();
    }
}
