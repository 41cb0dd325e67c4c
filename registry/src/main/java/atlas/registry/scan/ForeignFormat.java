package atlas.registry.scan;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;
import java.util.zip.ZipException;

/**
 * Names formats that are not admitted, and says what in a file is dangerous, so that a refusal has
 * a reason.
 */
final class ForeignFormat {
    static final int HEAD_BYTES = 512;
    static final String PICKLE = "pickle";

    private static final int TAR_MAGIC_AT = 257;
    private static final int MAX_UNPACKED = 1 << 20;
    private static final String ZIP = "zip";
    private static final String GZIP = "gzip";
    private static final String ZLIB = "zlib";

    private record Magic(String bytes, String name) {}

    private static final List<Magic> MAGICS =
            List.of(
                    new Magic("PK\3\4", ZIP),
                    new Magic("PK\5\6", ZIP),
                    new Magic("\u0089HDF\r\n", "hdf5"),
                    new Magic("\u0093NUMPY", "numpy"),
                    new Magic("7z\u00bc\u00af", "7z"),
                    new Magic("\u001f\u008b", GZIP),
                    new Magic("\u0078\u0001", ZLIB),
                    new Magic("\u0078\u009c", ZLIB),
                    new Magic("\u0078\u00da", ZLIB),
                    new Magic("BZh", "bzip2"),
                    new Magic("\u00fd7zXZ", "xz"),
                    new Magic("\u0028\u00b5\u002f\u00fd", "zstd"),
                    new Magic("\u0004\"M\u0018", "lz4"),
                    new Magic("\u007fELF", "elf"),
                    new Magic("MZ", "pe"),
                    new Magic("\u00ca\u00fe\u00ba\u00be", "macho"),
                    new Magic("\u00cf\u00fa\u00ed\u00fe", "macho"),
                    new Magic("#!", "script"),
                    new Magic("Rar!", "rar"));

    private static final List<String> REACHING =
            List.of(
                    "PyFunc",
                    "EagerPyFunc",
                    "PyFuncStateless",
                    "ReadFile",
                    "WriteFile",
                    "MatchingFiles",
                    "ShardedFilename",
                    "LoadLibrary");
    private static final Set<String> PYTHON = Set.of("py", "pyc", "ipynb");

    private ForeignFormat() {}

    /** The format, from the first bytes of a file and, where content has no mark, its name. */
    static Optional<String> recognise(String name, byte[] head) {
        String text = new String(head, StandardCharsets.ISO_8859_1);
        for (Magic magic : MAGICS) {
            if (text.startsWith(magic.bytes())) {
                return Optional.of(magic.name());
            }
        }
        if (head.length >= 2 && head[0] == (byte) 0x80 && head[1] >= 0 && head[1] <= 5) {
            return Optional.of(PICKLE);
        }
        byte[] ustar = "ustar".getBytes(StandardCharsets.US_ASCII);
        int end = TAR_MAGIC_AT + ustar.length;
        if (head.length >= end && Arrays.equals(head, TAR_MAGIC_AT, end, ustar, 0, ustar.length)) {
            return Optional.of("tar");
        }
        if (FileNames.ending(name).equals("pb")) {
            return Optional.of("savedmodel");
        }
        return PYTHON.contains(FileNames.ending(name)) ? Optional.of("python") : Optional.empty();
    }

    /** Refuses a file of such a format, with what is dangerous in it; gives its exact format. */
    static String refuse(String format, ByteSource source, Examination out) throws IOException {
        out.refuse("only safetensors, GGUF, ONNX, JSON and text are admitted", 0);
        return switch (format) {
            case PICKLE -> {
                PickleReader.explain("it ", source, out);
                yield PICKLE;
            }
            case ZIP -> ZipReader.explain(source, out);
            case GZIP, ZLIB -> compressed(format, source, out);
            case "numpy" -> {
                numpy("it ", source, out);
                yield format;
            }
            case "savedmodel" -> {
                graph(source, out);
                yield format;
            }
            default -> format;
        };
    }

    private static String compressed(String format, ByteSource source, Examination out)
            throws IOException {
        byte[] packed = bytes(source);
        byte[] plain;
        try (InputStream in =
                format.equals(GZIP)
                        ? new GZIPInputStream(new ByteArrayInputStream(packed))
                        : new InflaterInputStream(new ByteArrayInputStream(packed))) {
            plain = in.readNBytes(MAX_UNPACKED);
        } catch (ZipException | EOFException e) {
            out.refuse("it cannot be unpacked", 0);
            return format;
        }
        ByteSource inner = new MemorySource(plain);
        boolean marked = plain.length > 1 && plain[0] == (byte) 0x80;
        if (marked || PickleReader.is(inner)) {
            PickleReader.explain("packed in it, a pickle ", inner, out);
        }
        return format;
    }

    // An array of objects is a pickle behind a short text.
    static void numpy(String where, ByteSource source, Examination out) throws IOException {
        String head = new String(bytes(source), StandardCharsets.ISO_8859_1);
        String header = head.substring(0, Math.min(head.length(), HEAD_BYTES));
        if (header.contains("|O") || header.contains("'O'") || header.contains("object")) {
            out.refuse(where + "is an array of objects: a pickle, which can run code", 0);
        }
    }

    // Operators of TensorFlow that reach outside of the graph, by name as protobuf writes it.
    private static void graph(ByteSource source, Examination out) throws IOException {
        String text = new String(bytes(source), StandardCharsets.ISO_8859_1);
        for (String operator : REACHING) {
            int at = text.indexOf((char) operator.length() + operator);
            if (at >= 0) {
                out.refuse("it uses the operator `" + operator + "`", at);
            }
        }
    }

    private static byte[] bytes(ByteSource source) throws IOException {
        byte[] bytes = new byte[(int) Math.min(source.length(), MAX_UNPACKED)];
        source.read(0, ByteBuffer.wrap(bytes));
        return bytes;
    }
}
