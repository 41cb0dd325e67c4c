package atlas.registry.scan;

import atlas.registry.json.StrictJson;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * safetensors: a JSON header that must describe the rest of the file exactly, byte for byte, with
 * no gap, no overlap and nothing behind.
 */
final class SafetensorsFile {
    static final String FORMAT = "safetensors";

    private static final long MAX_HEADER_BYTES = 100_000_000;
    private static final int MAX_DEPTH = 4;
    private static final int MAX_DIMENSIONS = 8;
    private static final int MAX_NAME = 512;
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_.:/\\[\\]+=@ -]+");
    // No control or format characters, no half of a pair, nothing that is a path elsewhere.
    private static final Pattern HOSTILE =
            Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Co}\\p{Cn}\\\\]|(^|/)\\.\\.?(/|$)|^/|//");
    private static final Pattern CODE_LIKE =
            Pattern.compile(
                    "(?i)<\\s*script|javascript:|https?://|__\\w+__"
                            + "|\\bimport\\s|\\beval\\s*\\(|\\bexec\\s*\\(");
    private static final Map<String, Integer> BITS =
            Map.ofEntries(
                    Map.entry("BOOL", 8),
                    Map.entry("U8", 8),
                    Map.entry("I8", 8),
                    Map.entry("F8_E4M3", 8),
                    Map.entry("F8_E5M2", 8),
                    Map.entry("F8_E8M0", 8),
                    Map.entry("F8_E4M3FNUZ", 8),
                    Map.entry("F8_E5M2FNUZ", 8),
                    Map.entry("F4", 4),
                    Map.entry("F6_E2M3", 6),
                    Map.entry("F6_E3M2", 6),
                    Map.entry("I16", 16),
                    Map.entry("U16", 16),
                    Map.entry("F16", 16),
                    Map.entry("BF16", 16),
                    Map.entry("I32", 32),
                    Map.entry("U32", 32),
                    Map.entry("F32", 32),
                    Map.entry("I64", 64),
                    Map.entry("U64", 64),
                    Map.entry("F64", 64),
                    Map.entry("C64", 64));

    private SafetensorsFile() {}

    private record Span(long begin, long end) {}

    static void examine(ByteSource source, Examination out) throws IOException, Malformed {
        ByteWindow window = new ByteWindow(source);
        long length = window.u64();
        if (length > MAX_HEADER_BYTES || length > window.remaining()) {
            throw new Malformed("the header is longer than the file or than 100 MB", 0);
        }
        byte[] header = window.bytes(length, MAX_HEADER_BYTES);
        if (header.length == 0 || header[0] != '{') {
            throw new Malformed("the header does not begin with `{`", 8);
        }
        requireShallow(header);
        JsonNode root;
        try {
            root = StrictJson.parse(header);
        } catch (StrictJson.NotJson e) {
            throw new Malformed("the header is not strict JSON: " + e.getMessage(), 8);
        }
        List<Span> spans = new ArrayList<>();
        for (Map.Entry<String, JsonNode> entry : root.properties()) {
            if (entry.getKey().equals("__metadata__")) {
                metadata(entry.getValue(), out);
            } else {
                spans.add(tensor(entry.getKey(), entry.getValue(), out));
            }
        }
        requireExact(spans, window.remaining());
        out.about("format", FORMAT);
        out.about("tensors", Integer.toString(spans.size()));
    }

    private static void requireShallow(byte[] header) throws Malformed {
        int depth = 0;
        boolean text = false;
        for (int i = 0; i < header.length; i++) {
            byte b = header[i];
            if (text && b == '\\') {
                i++;
            } else if (b == '"') {
                text = !text;
            } else if (!text && (b == '{' || b == '[') && ++depth > MAX_DEPTH) {
                throw new Malformed("the header is nested too deep", 8 + i);
            } else if (!text && (b == '}' || b == ']')) {
                depth--;
            }
        }
    }

    private static void metadata(JsonNode metadata, Examination out) throws Malformed {
        if (!metadata.isObject()) {
            throw new Malformed("the metadata is not an object", 8);
        }
        for (Map.Entry<String, JsonNode> entry : metadata.properties()) {
            if (!entry.getValue().isTextual()) {
                throw new Malformed("a metadata value is not text", 8);
            }
            if (CODE_LIKE.matcher(entry.getKey() + " " + entry.getValue().textValue()).find()) {
                out.flag("metadata looks like code or a link; it is data and must be escaped", 8);
            }
        }
    }

    private static Span tensor(String name, JsonNode tensor, Examination out) throws Malformed {
        if (name.isEmpty() || name.length() > MAX_NAME || HOSTILE.matcher(name).find()) {
            throw new Malformed("a tensor's name is not plain", 8);
        }
        if (!PLAIN.matcher(name).matches()) {
            out.flag("a tensor's name has unusual characters; it must be escaped", 8);
        }
        if (!tensor.isObject() || tensor.size() != 3) {
            throw new Malformed("a tensor has exactly dtype, shape and data_offsets", 8);
        }
        Integer bits = BITS.get(tensor.path("dtype").asText(""));
        if (bits == null || !tensor.path("dtype").isTextual()) {
            throw new Malformed("a tensor's dtype is not known", 8);
        }
        JsonNode shape = tensor.path("shape");
        JsonNode offsets = tensor.path("data_offsets");
        if (!shape.isArray()
                || shape.size() > MAX_DIMENSIONS
                || !offsets.isArray()
                || offsets.size() != 2) {
            throw new Malformed(
                    "a tensor's shape or data_offsets is not a list as it should be", 8);
        }
        long begin = whole(offsets.get(0));
        long end = whole(offsets.get(1));
        try {
            long total = bits;
            for (JsonNode dimension : shape) {
                total = Math.multiplyExact(total, whole(dimension));
            }
            if (total % 8 != 0 || end < begin || end - begin != total / 8) {
                throw new Malformed("a tensor's shape does not fill its bytes", 8);
            }
        } catch (ArithmeticException e) {
            throw new Malformed("a tensor's size overflows", 8);
        }
        return new Span(begin, end);
    }

    private static long whole(JsonNode node) throws Malformed {
        if (!node.isIntegralNumber() || !node.canConvertToLong() || node.longValue() < 0) {
            throw new Malformed("a dimension or offset is not a whole number", 8);
        }
        return node.longValue();
    }

    private static void requireExact(List<Span> spans, long bytes) throws Malformed {
        spans.sort(Comparator.comparingLong(Span::begin).thenComparingLong(Span::end));
        long at = 0;
        for (Span span : spans) {
            if (span.begin() != at) {
                throw new Malformed("tensors overlap or leave a gap", 8);
            }
            at = span.end();
        }
        if (at != bytes) {
            throw new Malformed("the tensors do not end where the file ends", 8);
        }
    }
}
