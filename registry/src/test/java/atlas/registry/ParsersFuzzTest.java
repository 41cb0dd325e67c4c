package atlas.registry;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.registry.oms.OmsException;
import atlas.registry.oms.OmsVerifier;
import atlas.registry.oms.Pem;
import atlas.registry.oms.SigstoreRoot;
import atlas.registry.oms.TrustPolicy;
import atlas.registry.scan.ByteSource;
import atlas.registry.scan.ModelScanner;
import atlas.registry.scan.ScanReport.FileReport;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.reflect.Method;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Odd and broken files at every parser: each gives an answer, reads only what is there, and
 * allocates no more than a multiple of what it was given. A slice in each build; {@code
 * fuzz/models} runs as long as asked. What fails is kept in {@code target/fuzz} with its seed.
 */
class ParsersFuzzTest {
    private static final long SEED = Long.getLong("atlas.fuzz.seed", 20_261_127L);
    private static final long SECONDS = Long.getLong("atlas.fuzz.seconds", 0L);
    private static final int SLICE = 4_000;
    private static final int MAX_BYTES = 1 << 14;

    /** Bytes allocated for each byte given, and beside them: windows, digests, what is unpacked. */
    private static final long MULTIPLE = 1_000;

    private static final long CONSTANT = 8L << 20;

    private static final byte[][] WORDS = words();

    /** What reads bytes of strangers, each with examples to begin from. */
    enum Parser {
        SAFETENSORS("m.safetensors"),
        GGUF("m.gguf"),
        ONNX("m.onnx"),
        JSON("config.json"),
        LINEAGE("atlas-lineage.json"),
        TEMPLATE("chat_template.jinja"),
        YAML("m.yaml"),
        TEXT("README.md"),
        PICKLE("m.pkl"),
        ZIP("m.zip"),
        UNKNOWN("m"),
        BUNDLE(""),
        ROOT("");

        private final String name;

        Parser(String name) {
            this.name = name;
        }

        private void read(byte[] bytes) throws IOException {
            switch (this) {
                case BUNDLE ->
                        assertThat(OmsVerifier.authenticate(bytes, Trust.POLICY)).isNotNull();
                case ROOT -> {
                    try {
                        assertThat(SigstoreRoot.parse(bytes)).isNotNull();
                    } catch (OmsException e) {
                        assertThat(e).hasMessageNotContaining("\n");
                    }
                }
                default -> {
                    FileReport report = ModelScanner.scan(name, new Bytes(bytes));
                    assertThat(report.findings()).allMatch(f -> f.offset() >= 0);
                }
            }
        }
    }

    /** Read when the first bundle is, not before. */
    private static final class Trust {
        private static final TrustPolicy POLICY = policy();

        private static TrustPolicy policy() {
            Clock clock = Clock.fixed(Instant.parse("2026-11-01T00:00:00Z"), ZoneOffset.UTC);
            return TrustPolicy.key("k", Pem.publicKey(text("oms/sem-p256-valid/pub.pem")), clock)
                    .checkedAgainst(SigstoreRoot.publicGood());
        }
    }

    /** What this thread allocated so far; the module does not read the one that knows it. */
    private record Allocations(Object threads, Method method) {
        static Allocations open() throws ReflectiveOperationException {
            Object threads =
                    Class.forName("java.lang.management.ManagementFactory")
                            .getMethod("getThreadMXBean")
                            .invoke(null);
            return new Allocations(
                    threads,
                    Class.forName("com.sun.management.ThreadMXBean")
                            .getMethod("getCurrentThreadAllocatedBytes"));
        }

        long bytes() throws ReflectiveOperationException {
            return (long) method.invoke(threads);
        }
    }

    /** Answers only for bytes that are there. */
    private record Bytes(byte[] bytes) implements ByteSource {
        @Override
        public long length() {
            return bytes.length;
        }

        @Override
        public void read(long position, ByteBuffer target) throws IOException {
            if (position < 0 || target.remaining() > bytes.length - position) {
                throw new IOException("read past the end");
            }
            target.put(bytes, (int) position, target.remaining());
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyParserAnswersWithinItsBounds(Parser parser) throws Exception {
        List<byte[]> corpus = corpus(parser);
        for (byte[] example : corpus) {
            parser.read(example);
        }
        SplittableRandom random = new SplittableRandom(SEED + parser.ordinal());
        Allocations allocations = Allocations.open();
        long end = System.nanoTime() + SECONDS * 1_000_000_000L / Parser.values().length;
        long runs = 0;
        while (runs < SLICE || System.nanoTime() < end) {
            byte[] input = mutate(corpus, random);
            long before = allocations.bytes();
            try {
                parser.read(input);
            } catch (IOException | RuntimeException | AssertionError | StackOverflowError e) {
                throw new AssertionError(kept(parser, input, runs) + ": " + e, e);
            }
            long allocated = allocations.bytes() - before;
            if (allocated > MULTIPLE * input.length + CONSTANT) {
                throw new AssertionError(
                        kept(parser, input, runs) + ": allocated " + allocated + " bytes");
            }
            if (runs % 64 == 0 && corpus.size() < 4096) {
                corpus.add(input);
            }
            runs++;
        }
        if (SECONDS > 0) {
            Files.writeString(
                    Files.createDirectories(Path.of("target/fuzz")).resolve(parser + ".txt"),
                    runs + " runs, seed " + SEED + "\n");
        }
    }

    private static String kept(Parser parser, byte[] input, long run) throws IOException {
        Path file =
                Files.createDirectories(Path.of("target/fuzz"))
                        .resolve(parser + "-" + SEED + "-" + run);
        Files.write(file, input);
        return parser + " fails on " + file + " (seed " + SEED + ", run " + run + ")";
    }

    private static byte[] mutate(List<byte[]> corpus, SplittableRandom random) {
        byte[] input = corpus.get(random.nextInt(corpus.size())).clone();
        for (int i = 1 + random.nextInt(4); i > 0; i--) {
            input = once(input, corpus, random);
        }
        return input;
    }

    private static byte[] once(byte[] input, List<byte[]> corpus, SplittableRandom random) {
        int at = input.length == 0 ? 0 : random.nextInt(input.length);
        switch (random.nextInt(7)) {
            case 0 -> flip(input, at, 1 << random.nextInt(8));
            case 1 -> flip(input, at, random.nextInt(256));
            case 2 -> number(input, at, random);
            case 3 -> {
                return java.util.Arrays.copyOf(input, at);
            }
            case 4 -> {
                return insert(input, at, WORDS[random.nextInt(WORDS.length)], 0);
            }
            case 5 -> {
                byte[] other = corpus.get(random.nextInt(corpus.size()));
                int from = other.length == 0 ? 0 : random.nextInt(other.length);
                int to = Math.min(other.length, from + random.nextInt(64));
                return insert(input, at, java.util.Arrays.copyOfRange(other, from, to), 0);
            }
            default -> {
                int cut = Math.min(input.length - at, random.nextInt(16));
                return insert(input, at, new byte[0], cut);
            }
        }
        return input;
    }

    private static void flip(byte[] input, int at, int bits) {
        if (at < input.length) {
            input[at] ^= (byte) bits;
        }
    }

    // The numbers that counts and lengths go wrong with.
    private static void number(byte[] input, int at, SplittableRandom random) {
        long[] numbers = {
            0,
            1,
            -1,
            127,
            128,
            255,
            256,
            65_535,
            1L << 31,
            (1L << 32) - 1,
            1L << 62,
            Long.MIN_VALUE,
            Long.MAX_VALUE,
            input.length,
            input.length - at
        };
        ByteBuffer number = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        number.putLong(numbers[random.nextInt(numbers.length)]);
        int length = Math.min(input.length - at, 1 << random.nextInt(4));
        System.arraycopy(number.array(), 0, input, at, Math.max(0, length));
    }

    private static byte[] insert(byte[] input, int at, byte[] what, int cut) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(input, 0, at);
        out.writeBytes(what);
        out.write(input, at + cut, input.length - at - cut);
        return out.size() > MAX_BYTES ? input : out.toByteArray();
    }

    private static byte[][] words() {
        String[] words = {
            "{",
            "}",
            "[",
            "]",
            "[[[[[[[[",
            "\"",
            ":",
            ",",
            "null",
            "1e9",
            "-0",
            "\\u0000",
            "{{",
            "}}",
            "{%",
            "%}",
            "{#",
            "for",
            "in",
            "set",
            "macro",
            "__class__",
            "|map(",
            "PK\3\4",
            "PK\1\2",
            "PK\5\6",
            "cos\nsystem\n",
            "R.",
            "\u0080\4",
            "\u0093",
            "GGUF",
            "\0\0\0\0\0\0\0\0",
            "\u00ff\u00ff\u00ff\u00ff",
            "data_offsets",
            "__metadata__",
            "chat_template",
            "auto_map",
            "certificate",
            "tlogEntries",
            "rawBytes",
            "==",
            "MEUCIQ"
        };
        byte[][] bytes = new byte[words.length][];
        for (int i = 0; i < words.length; i++) {
            bytes[i] = words[i].getBytes(StandardCharsets.ISO_8859_1);
        }
        return bytes;
    }

    private static List<byte[]> corpus(Parser parser) throws Exception {
        List<byte[]> corpus = new ArrayList<>();
        corpus.add(new byte[0]);
        switch (parser) {
            case SAFETENSORS -> {
                String header =
                        "{\"__metadata__\":{\"format\":\"pt\"},\"a\":{\"dtype\":\"F32\","
                                + "\"shape\":[2],\"data_offsets\":[0,8]}}";
                corpus.add(little(8, header.length(), header + "12345678"));
            }
            case GGUF -> corpus.addAll(gguf());
            case ONNX -> corpus.add(onnx());
            case JSON, LINEAGE -> {
                add(corpus, "{\"model_type\":\"llama\",\"chat_template\":\"{{ messages[0].x }}\"}");
                add(
                        corpus,
                        "{\"weight_map\":{\"a\":\"m-1.safetensors\"},\"auto_map\":{\"A\":\"b.C\"}}");
                add(
                        corpus,
                        "{\"datasets\":[{\"name\":\"x\",\"sha256\":\"" + "ab".repeat(32) + "\"}]}");
            }
            case TEMPLATE, YAML, TEXT -> {
                add(
                        corpus,
                        "{% macro f(d, l=[]) %}{% for k in d %}{{ d[k] | map(attribute='x') }}"
                                + "{% endfor %}{% endmacro %}{% set ns = namespace(a='') %}"
                                + "{% set ns.a = ns.a ~ m.content %}{{ f(m.tool) }}{# x #}");
                add(corpus, "template: \"{{ bos_token }}\"\nlist: [1, 2]\n");
            }
            case PICKLE, UNKNOWN -> {
                add(corpus, "cos\nsystem\n(S'true'\ntR.");
                add(
                        corpus,
                        "\u0080\4\u0095\20\0\0\0\0\0\0\0\u008c\2os\u0094\u008c\6system\u0093)R.");
                add(corpus, "(i__main__\nX\n(dp0\nS'a'\np1\nI1\nsb.");
            }
            case ZIP -> corpus.add(zip());
            case BUNDLE -> {
                for (String name : new String[] {"oms/sem-p256-valid", "oms/x509-valid"}) {
                    corpus.add(resource(name + "/model.sig"));
                }
                for (String name :
                        new String[] {"happy-path-v0.3", "rekor2-timestamp-with-embedded-cert"}) {
                    corpus.add(resource("sigstore/conformance/" + name + "/bundle.sigstore.json"));
                }
            }
            case ROOT -> corpus.add(resource("sigstore/roots/c9f0937d7567.json"));
        }
        return corpus;
    }

    private static void add(List<byte[]> corpus, String text) {
        corpus.add(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static byte[] little(int bytes, long number, String after) {
        byte[] text = after.getBytes(StandardCharsets.UTF_8);
        ByteBuffer out = ByteBuffer.allocate(8 + text.length).order(ByteOrder.LITTLE_ENDIAN);
        out.putLong(number).position(bytes).put(text);
        return java.util.Arrays.copyOf(out.array(), bytes + text.length);
    }

    private static List<byte[]> gguf() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(little(4, 0x46554747, ""));
        out.writeBytes(little(4, 3, ""));
        out.writeBytes(little(8, 1, ""));
        out.writeBytes(little(8, 3, ""));
        out.writeBytes(little(8, 17, "general.alignment"));
        out.writeBytes(little(4, 4, ""));
        out.writeBytes(little(4, 8, ""));
        out.writeBytes(little(8, 23, "tokenizer.chat_template"));
        out.writeBytes(little(4, 8, ""));
        out.writeBytes(little(8, 7, "{{ x }}"));
        out.writeBytes(little(8, 1, "l"));
        out.writeBytes(little(4, 9, ""));
        out.writeBytes(little(4, 8, ""));
        out.writeBytes(little(8, 1, ""));
        out.writeBytes(little(8, 2, "ab"));
        out.writeBytes(little(8, 1, "t"));
        out.writeBytes(little(4, 1, ""));
        out.writeBytes(little(8, 4, ""));
        out.writeBytes(little(4, 0, ""));
        out.writeBytes(little(8, 0, ""));
        while (out.size() % 8 != 0) {
            out.write(0);
        }
        out.writeBytes(new byte[16]);
        byte[] good = out.toByteArray();
        byte[] older = good.clone();
        older[4] = 2;
        return List.of(good, older);
    }

    private static byte[] field(int number, byte[] content) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(number << 3 | 2);
        out.write(content.length);
        out.writeBytes(content);
        return out.toByteArray();
    }

    private static byte[] onnx() {
        byte[] location = field(13, join(field(1, "location"), field(2, "w.data")));
        byte[] tensor = join(location, new byte[] {14 << 3, 1});
        byte[] inner = field(6, field(5, tensor));
        byte[] node = field(1, join(field(4, "If"), field(7, ""), field(5, inner)));
        return join(field(7, join(node, field(5, tensor))), field(8, field(1, "ai.onnx")));
    }

    private static byte[] field(int number, String text) {
        return field(number, text.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    private static byte[] zip() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(out)) {
            zip.putNextEntry(new ZipEntry("m/data.pkl"));
            zip.write("cos\nsystem\n(S'true'\ntR.".getBytes(StandardCharsets.US_ASCII));
            zip.putNextEntry(new ZipEntry("config.json"));
            zip.write("{\"class_name\":\"Lambda\"}".getBytes(StandardCharsets.US_ASCII));
            zip.putNextEntry(new ZipEntry("zeros"));
            zip.write(new byte[1 << 16]);
        }
        return out.toByteArray();
    }

    private static String text(String name) {
        try {
            return new String(resource(name), StandardCharsets.UTF_8);
        } catch (IOException | URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] resource(String name) throws IOException, URISyntaxException {
        URL url = ParsersFuzzTest.class.getResource("/registry/" + name);
        assertThat(url).as(name).isNotNull();
        return Files.readAllBytes(Path.of(url.toURI()));
    }
}
