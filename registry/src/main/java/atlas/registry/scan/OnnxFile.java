package atlas.registry.scan;

import atlas.registry.scan.OnnxSchema.Kind;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * ONNX: walks the whole protobuf tree, so that no tensor and no operator hides in a subgraph, an
 * attribute or a function. External data must be one plain file of the same model.
 */
final class OnnxFile {
    static final String FORMAT = "onnx";

    private static final int MAX_DEPTH = 64;
    private static final long MAX_TEXT_BYTES = 1 << 20;
    // Operators the runtimes carry themselves; any other domain needs native code from elsewhere.
    private static final Set<String> DOMAINS =
            Set.of(
                    "",
                    "ai.onnx",
                    "ai.onnx.ml",
                    "ai.onnx.training",
                    "ai.onnx.preview.training",
                    "com.microsoft");
    private static final Set<String> EXTERNAL_KEYS =
            Set.of("location", "offset", "length", "checksum");

    // Kept among a tensor's external data; no key of a file begins like this.
    private static final String ELSEWHERE = "\0elsewhere";
    private static final String INLINE = "\0inline";

    private final ByteSource source;
    private final Examination out;
    private final Map<String, Long> usedDomains = new HashMap<>();
    private final Set<String> localDomains = new HashSet<>();
    private boolean graph;

    private OnnxFile(ByteSource source, Examination out) {
        this.source = source;
        this.out = out;
    }

    static void examine(ByteSource source, Examination out) throws IOException, Malformed {
        OnnxFile file = new OnnxFile(source, out);
        file.message(Kind.MODEL, 0, source.length(), 0);
        file.finish();
        out.about("format", FORMAT);
    }

    private void finish() throws Malformed {
        if (!graph) {
            throw new Malformed("there is no graph", 0);
        }
        for (Map.Entry<String, Long> used : usedDomains.entrySet()) {
            if (!DOMAINS.contains(used.getKey()) && !localDomains.contains(used.getKey())) {
                throw new Malformed(
                        "operators of a custom domain need foreign code", used.getValue());
            }
        }
    }

    private void message(Kind kind, long start, long end, int depth) throws IOException, Malformed {
        if (depth > MAX_DEPTH) {
            throw new Malformed("nested too deep", start);
        }
        ByteWindow in = new ByteWindow(source, start, end);
        Map<String, String> external = new HashMap<>();
        while (in.remaining() > 0) {
            long at = in.position();
            long tag = in.varint();
            int field = (int) (tag >>> 3);
            if (tag >>> 3 != field || !kind.knows(field)) {
                throw new Malformed("a field that ONNX does not have", at);
            }
            if (kind.child(field) != null && (tag & 7) != 2) {
                throw new Malformed("a message of ONNX in the form of a number", at);
            }
            switch ((int) (tag & 7)) {
                case 0 -> number(kind, field, in.varint(), external);
                case 1 -> in.skip(8);
                case 5 -> in.skip(4);
                case 2 -> bytes(kind, field, in, depth, external);
                default -> throw new Malformed("a wire type that ONNX does not use", at);
            }
        }
        if (kind == Kind.TENSOR && !external.isEmpty()) {
            external(external, start);
        }
    }

    // Where a tensor says its data is, and whether it brings some along, beside where it points.
    private static void number(Kind kind, int field, long value, Map<String, String> external) {
        if (kind.isDataLocation(field) && value == 1) {
            external.put(ELSEWHERE, "");
        }
    }

    private void bytes(Kind kind, int field, ByteWindow in, int depth, Map<String, String> external)
            throws IOException, Malformed {
        long length = in.varint();
        long at = in.position();
        if (kind.isRawData(field) && length > 0) {
            external.put(INLINE, "");
        }
        if (kind.isExternalData(field)) {
            entry(new ByteWindow(source, at, at + bounded(in, length)), external);
        } else if (kind.child(field) != null) {
            graph |= kind == Kind.MODEL && kind.child(field) == Kind.GRAPH;
            Kind child = kind.child(field);
            if (child != null) {
                message(child, at, at + bounded(in, length), depth + 1);
            }
        } else if (kind.isDomain(field)) {
            String domain = in.text(length, MAX_TEXT_BYTES);
            if (kind == Kind.FUNCTION) {
                localDomains.add(domain);
            } else {
                usedDomains.putIfAbsent(domain, at);
            }
            return;
        }
        in.skip(length);
    }

    private static long bounded(ByteWindow in, long length) throws Malformed {
        if (length < 0 || length > in.remaining()) {
            throw in.malformed("cut short, or a length is larger than the file");
        }
        return length;
    }

    // StringStringEntryProto: key 1, value 2.
    private static void entry(ByteWindow in, Map<String, String> external)
            throws IOException, Malformed {
        long start = in.position();
        String key = "";
        String value = "";
        while (in.remaining() > 0) {
            long tag = in.varint();
            if (tag != 10 && tag != 18) {
                throw in.malformed("a malformed external data entry");
            }
            String text = in.text(in.varint(), MAX_TEXT_BYTES);
            key = tag == 10 ? text : key;
            value = tag == 18 ? text : value;
        }
        if (!EXTERNAL_KEYS.contains(key) || external.put(key, value) != null) {
            throw new Malformed("an external data key is unknown or occurs twice", start);
        }
    }

    private void external(Map<String, String> external, long at) throws Malformed {
        boolean inline = external.remove(INLINE) != null;
        boolean elsewhere = external.remove(ELSEWHERE) != null;
        if (inline && !elsewhere && external.isEmpty()) {
            return;
        }
        if (inline || !elsewhere) {
            throw new Malformed("a tensor's data is in the file and beside it, or in neither", at);
        }
        String location = external.getOrDefault("location", "");
        if (!FileNames.isReference(location)) {
            throw new Malformed("external data is not in one plain file beside the model", at);
        }
        for (String key : new String[] {"offset", "length"}) {
            if (!external.getOrDefault(key, "0").matches("0|[1-9][0-9]{0,17}")) {
                throw new Malformed("an external data " + key + " is not a plain number", at);
            }
        }
        out.reference(location);
    }
}
