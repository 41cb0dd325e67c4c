package atlas.registry.oms;

import atlas.core.Digest;
import atlas.core.crypto.Hashes;
import atlas.registry.json.StrictJson;
import com.fasterxml.jackson.databind.JsonNode;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The signed statement, read only after its signature held.
 *
 * @param subject what the signer called the model
 * @param files for each file, in order of first mention, the ranges whose digests were signed
 * @param ignored names the signer left out, each a file
 */
record OmsStatement(
        Digest root,
        String subject,
        boolean sharded,
        Map<String, List<Range>> files,
        Set<String> ignored) {
    static final String PAYLOAD_TYPE = "application/vnd.in-toto+json";
    static final String STATEMENT = "https://in-toto.io/Statement/v1";
    static final String PREDICATE = "https://model_signing/signature/v1.0";

    private static final String PROVENANCE = "https://slsa.dev/provenance/v1";

    /** The name of a model that is one file, as the reference writes it. */
    static final String SELF = ".";

    private static final int MAX_RESOURCES = 1 << 20;
    private static final long WHOLE = -1;

    /** Bytes of a file and their digest; {@code end} is -1 for the whole file. */
    record Range(long start, long end, Digest digest) {
        boolean whole() {
            return end == WHOLE;
        }
    }

    static OmsStatement parse(byte[] payload) throws Refused {
        JsonNode root;
        try {
            root = StrictJson.parse(payload);
        } catch (StrictJson.NotJson e) {
            throw new Refused("the signed payload is not strict JSON: " + e.getMessage());
        }
        if (!root.isObject() || !OmsBundle.text(root, "_type").equals(STATEMENT)) {
            throw new Refused("the signed payload is not an in-toto statement v1");
        }
        if (!OmsBundle.text(root, "predicateType").equals(PREDICATE)) {
            throw new Refused("the signed statement is not a model signature v1.0");
        }
        JsonNode predicate = OmsBundle.object(root, "predicate");
        JsonNode serialization = OmsBundle.object(predicate, "serialization");
        boolean sharded = sharded(serialization);
        Set<String> ignored = ignored(serialization);
        JsonNode resources = predicate.path("resources");
        if (!resources.isArray() || resources.isEmpty() || resources.size() > MAX_RESOURCES) {
            throw new Refused("the manifest names no files, or too many");
        }
        long shard = sharded ? shardSize(serialization) : 0;
        MessageDigest all = Hashes.sha256();
        Map<String, List<Range>> files = new LinkedHashMap<>();
        for (JsonNode resource : resources) {
            add(files, resource, shard, all);
        }
        for (Map.Entry<String, List<Range>> file : files.entrySet()) {
            file.setValue(
                    sharded ? contiguous(file.getKey(), file.getValue(), shard) : file.getValue());
        }
        Digest computed = Digest.of(all.digest());
        if (!computed.equals(subject(root))) {
            throw new Refused("the root digest is not that of the listed digests");
        }
        if (files.containsKey(SELF) && files.size() > 1) {
            throw new Refused("a manifest of the file `.` names nothing else");
        }
        return new OmsStatement(computed, name(root), sharded, files, ignored);
    }

    /** A single file, signed by its digest and not by a manifest. */
    static OmsStatement ofFile(Digest sha256) {
        Map<String, List<Range>> files = new LinkedHashMap<>();
        files.put(SELF, List.of(new Range(0, WHOLE, sha256)));
        return new OmsStatement(Hashes.sha256(sha256.bytes()), "", false, files, Set.of());
    }

    /**
     * A statement whose signer is proven by a log: a model signature, or provenance of one file,
     * which says that its signer made it. Other statements about a file are no word for it.
     */
    static OmsStatement parseLogged(byte[] payload) throws Refused {
        JsonNode root;
        try {
            root = StrictJson.parse(payload);
        } catch (StrictJson.NotJson e) {
            throw new Refused("the signed payload is not strict JSON: " + e.getMessage());
        }
        boolean provenance =
                root.path("_type").asText("").equals(STATEMENT)
                        && root.path("predicateType").asText("").equals(PROVENANCE);
        return provenance ? ofFile(subject(root)) : parse(payload);
    }

    private static String name(JsonNode root) {
        return root.path("subject").path(0).path("name").asText("");
    }

    private static Digest subject(JsonNode root) throws Refused {
        JsonNode subjects = root.path("subject");
        if (!subjects.isArray() || subjects.size() != 1) {
            throw new Refused("a model signature has exactly one subject");
        }
        JsonNode digest = OmsBundle.object(subjects.get(0), "digest");
        return digest(digest, "sha256");
    }

    private static boolean sharded(JsonNode serialization) throws Refused {
        String hash = OmsBundle.text(serialization, "hash_type");
        if (!hash.equals("sha256")) {
            throw new Refused("hash type `" + shown(hash) + "` is not supported, only `sha256`");
        }
        JsonNode links = serialization.path("allow_symlinks");
        if (!links.isBoolean() || links.booleanValue()) {
            throw new Refused("the manifest allows symbolic links");
        }
        return switch (OmsBundle.text(serialization, "method")) {
            case "files" -> false;
            case "shards" -> true;
            default -> throw new Refused("the manifest is neither by files nor by shards");
        };
    }

    // Writers through protobuf emit 8.0 for 8.
    private static long shardSize(JsonNode serialization) throws Refused {
        JsonNode size = serialization.path("shard_size");
        if (!size.isNumber()
                || size.doubleValue() != Math.rint(size.doubleValue())
                || size.doubleValue() < 1
                || size.doubleValue() > 1L << 50) {
            throw new Refused("the manifest's shard_size is not a positive whole number");
        }
        return (long) size.doubleValue();
    }

    private static Set<String> ignored(JsonNode serialization) throws Refused {
        Set<String> ignored = new HashSet<>();
        JsonNode paths = serialization.path("ignore_paths");
        if (!paths.isMissingNode() && !paths.isArray()) {
            throw new Refused("ignore_paths is not a list");
        }
        for (JsonNode path : paths) {
            if (!path.isTextual() || !ResourceName.isCanonical(path.textValue())) {
                throw new Refused("ignore_paths holds a name that is not canonical");
            }
            ignored.add(path.textValue());
        }
        return ignored;
    }

    private static void add(
            Map<String, List<Range>> files, JsonNode resource, long shard, MessageDigest all)
            throws Refused {
        if (!resource.isObject()) {
            throw new Refused("a resource of the manifest is not an object");
        }
        String name = OmsBundle.text(resource, "name");
        Digest digest = digest(resource, "digest");
        all.update(digest.bytes());
        String algorithm = OmsBundle.text(resource, "algorithm");
        boolean known =
                algorithm.equals("sha256")
                        || (shard > 0 && algorithm.equals("sha256-sharded-" + shard));
        if (!known) {
            throw new Refused("a resource's algorithm differs from the manifest's hash type");
        }
        Range range = new Range(0, WHOLE, digest);
        if (shard > 0) {
            int second = name.lastIndexOf(':');
            int first = second < 0 ? -1 : name.lastIndexOf(':', second - 1);
            if (first < 0) {
                throw new Refused("a shard's name is not `path:start:end`");
            }
            range =
                    new Range(
                            offset(name.substring(first + 1, second)),
                            offset(name.substring(second + 1)),
                            digest);
            name = name.substring(0, first);
        }
        if (!name.equals(SELF) && !ResourceName.isCanonical(name)) {
            throw new Refused("the manifest holds a file name that is not canonical");
        }
        List<Range> ranges = files.computeIfAbsent(name, _ -> new ArrayList<>());
        if (shard == 0 && !ranges.isEmpty()) {
            throw new Refused("the manifest names `" + shown(name) + "` twice");
        }
        ranges.add(range);
    }

    private static long offset(String text) throws Refused {
        if (!text.matches("0|[1-9][0-9]{0,15}")) {
            throw new Refused("a shard's offset is not a plain number");
        }
        return Long.parseLong(text);
    }

    // Writers disagree on the order of shards; together they must cover the file exactly.
    private static List<Range> contiguous(String name, List<Range> ranges, long shard)
            throws Refused {
        List<Range> sorted =
                ranges.stream().sorted(Comparator.comparingLong(Range::start)).toList();
        long at = 0;
        for (Range range : sorted) {
            long length = range.end() - range.start();
            boolean last = range.equals(sorted.getLast());
            if (range.start() != at || length < 1 || length > shard || (!last && length != shard)) {
                throw new Refused("the shards of `" + shown(name) + "` leave a gap or overlap");
            }
            at = range.end();
        }
        return sorted;
    }

    private static Digest digest(JsonNode node, String name) throws Refused {
        try {
            return Digest.parse(OmsBundle.text(node, name));
        } catch (IllegalArgumentException e) {
            throw new Refused("a digest is not 64 lower-case hex digits");
        }
    }

    /** A name out of a signed but foreign text, fit to be printed. */
    static String shown(String name) {
        return name.codePoints()
                .limit(200)
                .map(c -> Character.isISOControl(c) || c == '`' ? '?' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }
}
