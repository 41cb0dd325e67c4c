package atlas.registry.scan;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.registry.scan.ScanReport.FileReport;
import atlas.registry.scan.ScanReport.Verdict;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelScannerTest {
    /** A file in memory. */
    private record Bytes(byte[] bytes) implements ByteSource {
        @Override
        public long length() {
            return bytes.length;
        }

        @Override
        public void read(long position, ByteBuffer target) throws IOException {
            if (position + target.remaining() > bytes.length) {
                throw new IOException("read past the end");
            }
            target.put(bytes, (int) position, target.remaining());
        }
    }

    private static FileReport scan(String name, byte[] bytes) {
        try {
            return ModelScanner.scan(name, new Bytes(bytes));
        } catch (IOException e) {
            throw new AssertionError("a scanner reads only what is there", e);
        }
    }

    private static FileReport scan(String name, String text) {
        return scan(name, text.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] safetensors(String header, int data) {
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer out = ByteBuffer.allocate(8 + text.length + data).order(ByteOrder.LITTLE_ENDIAN);
        return out.putLong(text.length).put(text).array();
    }

    private static String tensor(String name, String dtype, String shape, String offsets) {
        return "\""
                + name
                + "\":{\"dtype\":\""
                + dtype
                + "\",\"shape\":"
                + shape
                + ",\"data_offsets\":"
                + offsets
                + "}";
    }

    @Test
    void admitsSafetensorsThatDescribeEveryByte() {
        String header =
                "{\"__metadata__\":{\"format\":\"pt\"},"
                        + tensor("a", "F32", "[2,1]", "[0,8]")
                        + ","
                        + tensor("b", "BF16", "[0]", "[8,8]")
                        + "}  ";

        assertThat(scan("m.safetensors", safetensors(header, 8)).verdict())
                .isEqualTo(Verdict.ALLOW);
        assertThat(scan("m.bin", safetensors(header, 8)).format()).isEqualTo("safetensors");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                " {}",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,8]}}",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1.0,2],\"data_offsets\":[0,8]}}",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[-1,-2],\"data_offsets\":[0,8]}}",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[\"2\"],\"data_offsets\":[0,8]}}",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387906],"
                        + "\"data_offsets\":[0,8]}}",
                "{\"a\":{\"dtype\":\"F99\",\"shape\":[2],\"data_offsets\":[0,8]}}",
                "{\"a\":{\"dtype\":\"F4\",\"shape\":[3],\"data_offsets\":[0,8]}}",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8],\"x\":1}}",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
                        + "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
                "{\"../a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
                "{\"__metadata__\":{\"x\":1}}"
            })
    void refusesSafetensorsThatDoNot(String header) {
        assertThat(scan("m.safetensors", safetensors(header, 8)).verdict())
                .isEqualTo(Verdict.REFUSE);
    }

    @Test
    void refusesSafetensorsWithSomethingBehindOrALyingLength() {
        String header = "{" + tensor("a", "F32", "[2]", "[0,8]") + "}";
        byte[] good = safetensors(header, 8);
        byte[] huge = good.clone();
        huge[7] = (byte) 0x80;

        assertThat(scan("m.safetensors", good).verdict()).isEqualTo(Verdict.ALLOW);
        assertThat(scan("m.safetensors", Arrays.copyOf(good, good.length + 1)).verdict())
                .isEqualTo(Verdict.REFUSE);
        assertThat(scan("m.safetensors", huge).verdict()).isEqualTo(Verdict.REFUSE);
    }

    /** Writes GGUF. */
    private static final class Gguf {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Gguf u32(long value) {
            out.writeBytes(number(4, value));
            return this;
        }

        Gguf u64(long value) {
            out.writeBytes(number(8, value));
            return this;
        }

        Gguf text(String text) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            u64(bytes.length);
            out.writeBytes(bytes);
            return this;
        }

        private static byte[] number(int bytes, long value) {
            byte[] eight =
                    ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array();
            return Arrays.copyOf(eight, bytes);
        }

        byte[] end(int data) {
            int header = (out.size() + 31) / 32 * 32;
            return Arrays.copyOf(out.toByteArray(), header + data);
        }
    }

    private static Gguf gguf(String template) {
        return new Gguf()
                .u32(0x46554747)
                .u32(3)
                .u64(1)
                .u64(2)
                .text("general.name")
                .u32(8)
                .text("toy")
                .text("tokenizer.chat_template")
                .u32(8)
                .text(template);
    }

    private static byte[] tensor(Gguf gguf, long type, long dimension, long offset, int data) {
        return gguf.text("t").u32(1).u64(dimension).u32(type).u64(offset).end(data);
    }

    @Test
    void admitsGgufWhoseTensorsFillIt() {
        FileReport report = scan("m.gguf", tensor(gguf("{{ messages[0].content }}"), 8, 64, 0, 68));

        assertThat(report.findings()).isEmpty();
        assertThat(report.verdict()).isEqualTo(Verdict.ALLOW);
        assertThat(report.about()).containsEntry("general.name", "toy");
    }

    @Test
    void refusesGgufWithBadSizesTypesOffsetsAndTails() {
        assertThat(scan("m.gguf", tensor(gguf(""), 8, 64, 0, 67)).verdict())
                .isEqualTo(Verdict.REFUSE);
        assertThat(scan("m.gguf", tensor(gguf(""), 8, 33, 0, 68)).verdict())
                .isEqualTo(Verdict.REFUSE);
        assertThat(scan("m.gguf", tensor(gguf(""), 4, 64, 0, 68)).verdict())
                .isEqualTo(Verdict.REFUSE);
        assertThat(scan("m.gguf", tensor(gguf(""), 8, 64, 32, 100)).verdict())
                .isEqualTo(Verdict.REFUSE);
        assertThat(scan("m.gguf", tensor(gguf(""), 8, 64, 0, 200)).verdict())
                .isEqualTo(Verdict.REFUSE);
        assertThat(scan("m.gguf", tensor(gguf(""), 0, 1L << 62, 0, 68)).verdict())
                .isEqualTo(Verdict.REFUSE);
        assertThat(scan("m.gguf", tensor(gguf("{{ x.__class__ }}"), 8, 64, 0, 68)).verdict())
                .isEqualTo(Verdict.REFUSE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{% for m in messages %}{{ m['role'] + ': ' + m.content|trim }}\n{% endfor %}",
                "{%- if not tools is defined %}{% set tools = none %}{% endif -%}{{ bos_token }}",
                "{% set ns = namespace(found=false) %}{% for m in messages[1:] %}"
                        + "{% set ns.found = true %}{{ m | tojson(indent=4) }}{% endfor %}",
                "{% macro show(m) %}{{ m.content }}{% endmacro %}{{ show(messages[0]) }}",
                "{{ raise_exception('no') if messages|length == 0 else '' }}{# note #}",
                "{{ messages[loop.index0 - 1]['content'].split('</think>')[-1].lstrip('\\n') }}",
                "{% for k in tool.properties %}{{ k }}: {{ tool.properties[k].type }}{% endfor %}",
                "{% for k, v in tool.items() %}{{ tool[k] }}{% endfor %}",
                "{% macro extra(d, seen) %}{% for k in d %}{% if k not in seen %}{{ d[k] }}"
                        + "{% endif %}{% endfor %}{% endmacro %}{% set seen = ['type'] %}"
                        + "{{ extra(tool.function, seen) }}",
                "{{ builtin | reject('equalto', 'x') | list | join(', ') ~ '.' }}",
                "{{ messages | selectattr('role', 'equalto', 'user') | map(attribute='content')"
                        + " | join('\\n') }}",
                "{% set ns = namespace(text='') %}{% for m in messages %}"
                        + "{% set ns.text = ns.text ~ m.content %}{% endfor %}{{ ns.text }}",
                "{% for i in range(messages|length) %}{{ messages[i].content }}{% endfor %}",
                "{% for k in ['name', 'description'] %}{{ tool[k] }}{% endfor %}",
                "{% set content = content + message.content %}{{ content }}",
                "{% set content = '<s>' + message.content + '</s>' + m.content %}",
                "{% set i = (messages|length - 1) - loop.index0 %}{{ messages[::-1] }}",
                "{% for i in range(0, messages|length, 2) %}{{ messages[i + 1].content }}{% endfor"
                        + " %}"
            })
    void admitsChatTemplatesThatOnlyFormat(String template) {
        assertThat(scan("chat_template.jinja", template).findings()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{{ self.x }}",
                "{{ ''['_' + '_class_' + '_'] }}",
                "{{ messages|attr('x') }}",
                "{{ '%c%c'|format(95,95) }}",
                "{{ '%c' % 95 }}",
                "{{ '\\x5f\\x5fclass' }}",
                "{% set x = 'a' ~ 'b' %}{{ messages[x] }}",
                "{{ cycler.next() }}",
                "{% include 'x' %}",
                "{% macro f() %}{{ f() }}{% endmacro %}",
                "{% for i in range(999999999) %}x{% endfor %}",
                "{{ 'a' * 9 }}",
                "{{ 2 ** 9 }}",
                "{{ messages.pop() }}",
                "{{ open('/etc/passwd') }}",
                "{% set u = ('tool_calls'|list)[4] %}{% for k in [u ~ u ~ 'class' ~ u ~ u] %}"
                        + "{{ messages[k] }}{% endfor %}",
                "{% set n = namespace(k=['a']) %}{% for k in n.k %}{{ messages[k] }}{% endfor %}",
                "{% for k in bos_token.split(',') %}{{ messages[k] }}{% endfor %}",
                "{% for k in [bos_token] %}{{ messages[k] }}{% endfor %}",
                "{% for k in special_tokens %}{{ messages[k] }}{% endfor %}",
                "{% macro f(k) %}{{ messages[k] }}{% endmacro %}{{ f('a') }}",
                "{% macro f(l) %}{% for k in l %}{{ messages[k] }}{% endfor %}{% endmacro %}"
                        + "{{ f(['a' ~ 'b']) }}",
                "{% macro f(l=['a']) %}{% for k in l %}{{ messages[k] }}{% endfor %}{% endmacro %}"
                        + "{{ f() }}",
                "{% set k %}a{% endset %}{{ messages[k] }}",
                "{{ messages | map(attribute=bos_token) | list }}",
                "{{ messages | map(attribute='a' ~ 'b') | list }}",
                "{{ messages | map('attr', 'x') | list }}",
                "{{ messages | selectattr(k) | list }}",
                "{{ messages | sort(attribute=k) }}",
                "{% for k in range(3)|map('string') %}{{ messages[k] }}{% endfor %}",
                "{% for k in ['a', bos_token] %}{{ messages[k] }}{% endfor %}",
                "{% for k in ['a' ~ 'b'] %}{{ messages[k] }}{% endfor %}",
                "{% for k in ['__a'] %}{{ messages[k] }}{% endfor %}",
                "{% set ns.x = ns.x ~ m.x ~ ns.x %}",
                "{% set a = a ~ a %}",
                "{% for i in range(9) %}{% set n.x = n.x + n.x %}{% endfor %}",
                "{% set a = 'x' %}{{ a * 999 }}",
                "{% for a in range(99) %}{% for b in range(99) %}{% for c in range(99) %}x"
                        + "{% endfor %}{% endfor %}{% endfor %}",
                "{{ x.format(1) }}",
                "{% call f() %}{% endcall %}",
                "{% extends 'x' %}",
                "{% filter upper %}x{% endfilter %}",
                "{{ unfinished ",
                "{{ (1 }}"
            })
    void refusesChatTemplatesThatReachFurther(String template) {
        assertThat(scan("chat_template.jinja", template).verdict()).isEqualTo(Verdict.REFUSE);
        String json =
                "{\"chat_template\":[{\"name\":\"x\",\"template\":" + quoted(template) + "}]}";
        assertThat(scan("tokenizer_config.json", json).verdict()).isEqualTo(Verdict.REFUSE);
    }

    private static String quoted(String text) {
        return com.fasterxml.jackson.databind.node.TextNode.valueOf(text).toString();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "{} {}",
                "{\"a\":1,\"a\":2}",
                "{\"vision\":{\"auto_map\":{\"AutoModel\":\"x.Y\"}}}",
                "{\"trust_remote_code\":true}",
                "{\"weight_map\":{\"a\":\"../w.safetensors\"}}",
                "{\"weight_map\":{\"a\":\"pytorch_model.bin\"}}",
                "[{\"idx\":0,\"path\":\"\",\"type\":\"evil.Thing\"}]",
                "{\"config\":{\"api_key\":\"x\"}}"
            })
    void refusesJsonThatMakesALoaderDoMoreThanRead(String json) {
        assertThat(scan("config.json", json).verdict()).isEqualTo(Verdict.REFUSE);
    }

    @Test
    void admitsPlainJsonAndText() {
        String vocabulary = "{\"model\":{\"vocab\":{\"auto_map\":1,\"code\":2,\"{{\":3}}}";
        assertThat(scan("tokenizer.json", vocabulary).verdict()).isEqualTo(Verdict.ALLOW);
        assertThat(scan("README.md", "# a model\n").verdict()).isEqualTo(Verdict.ALLOW);
        assertThat(scan("LICENSE", "Apache\n").verdict()).isEqualTo(Verdict.ALLOW);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "PK\u0003\u0004",
                "\u0080\u0004c",
                "\u001f\u008b",
                "\u0089HDF\r\n",
                "MZ",
                "\u007fELF",
                "#!/bin/sh",
                "7z\u00bc\u00af",
                "\u0093NUMPY"
            })
    void refusesForeignContentUnderAnyName(String magic) {
        byte[] bytes = (magic + "x".repeat(50)).getBytes(StandardCharsets.ISO_8859_1);
        for (String name :
                new String[] {"m.safetensors", "m.gguf", "m.json", "README.md", "m.onnx", "m"}) {
            assertThat(scan(name, bytes).verdict()).as(name).isEqualTo(Verdict.REFUSE);
        }
    }

    @Test
    void refusesEverythingItDoesNotKnow() {
        for (String name : new String[] {"run.py", "weights.bin", "lib.so", "a.ipynb", "x.pkl"}) {
            assertThat(scan(name, "hello").verdict()).as(name).isEqualTo(Verdict.REFUSE);
        }
        assertThat(scan("a.txt", "cposix\nsystem\n(S'ls'\ntR.").verdict())
                .isEqualTo(Verdict.REFUSE);
        assertThat(scan("a.txt", "nul\0").verdict()).isEqualTo(Verdict.REFUSE);
    }

    private static byte[] field(int number, byte[] content) {
        ByteBuffer out = ByteBuffer.allocate(2 + content.length);
        return out.put((byte) (number << 3 | 2)).put((byte) content.length).put(content).array();
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

    @Test
    void looksForExternalDataAndForeignOperatorsInTheWholeOnnxTree() {
        byte[] node = field(1, join(field(4, "Relu"), field(7, "")));
        byte[] foreign = field(1, join(field(4, "Run"), field(7, "evil.ops")));
        byte[] outside = field(13, join(field(1, "location"), field(2, "../w")));
        byte[] hidden = field(1, field(5, field(6, field(5, outside))));

        assertThat(scan("m.onnx", field(7, node)).verdict()).isEqualTo(Verdict.ALLOW);
        assertThat(scan("m.onnx", field(7, foreign)).verdict()).isEqualTo(Verdict.REFUSE);
        assertThat(scan("m.onnx", field(7, hidden)).verdict()).isEqualTo(Verdict.REFUSE);
        byte[] elsewhere = {14 << 3, 1};
        byte[] beside = field(13, join(field(1, "location"), field(2, "w.data")));
        byte[] tensor = field(5, join(beside, elsewhere));
        assertThat(scan("m.onnx", field(7, tensor)).references()).containsExactly("w.data");
        assertThat(scan("m.onnx", field(7, tensor)).verdict()).isEqualTo(Verdict.ALLOW);
        assertThat(scan("m.onnx", field(7, field(5, beside))).verdict()).isEqualTo(Verdict.REFUSE);
        byte[] both = field(5, join(beside, elsewhere, field(9, "data")));
        assertThat(scan("m.onnx", field(7, both)).verdict()).isEqualTo(Verdict.REFUSE);
        assertThat(scan("m.onnx", node).verdict()).isEqualTo(Verdict.REFUSE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".",
                "..",
                "/w",
                "../w",
                "a/../w",
                "./w",
                "a//w",
                "w/",
                "a\\w",
                "C:w",
                "C:\\w",
                "file:///w",
                "http://h/w",
                "\\\\h\\w",
                "a\0b",
                "con",
                "NUL.bin",
                "w.",
                "w ",
                "~/w",
                "-w",
                "$w",
                "%2e%2e/w",
                "\u2025/w",
                "\uff0e\uff0e/w",
                "a\nb",
                "a|b",
                "*"
            })
    void refersOnlyToPlainFilesBesideIt(String location) {
        byte[] entry = field(13, join(field(1, "location"), field(2, location)));
        byte[] tensor = field(5, join(entry, new byte[] {14 << 3, 1}));

        assertThat(scan("m.onnx", field(7, tensor)).verdict()).isEqualTo(Verdict.REFUSE);
        String map = "{\"weight_map\":{\"a\":" + quoted(location) + "}}";
        assertThat(scan("model.safetensors.index.json", map).verdict()).isEqualTo(Verdict.REFUSE);
    }

    @Test
    void refusesPipelinesOfForeignClassesAndAdmitsOthers() {
        String own =
                "{\"_class_name\":\"StableDiffusionPipeline\",\"unet\":[\"diffusers\",\"UNet\"]}";
        String foreign = own.replace("diffusers", "my_unet");
        String modules = "[{\"idx\":0,\"path\":\"\",\"type\":\"%s\"}]";

        assertThat(scan("model_index.json", own).verdict()).isEqualTo(Verdict.ALLOW);
        assertThat(scan("model_index.json", foreign).verdict()).isEqualTo(Verdict.REFUSE);
        assertThat(
                        scan(
                                        "modules.json",
                                        modules.formatted("sentence_transformers.models.Pooling"))
                                .verdict())
                .isEqualTo(Verdict.ALLOW);
        assertThat(
                        scan("modules.json", modules.formatted("sentence_transformers.models.x;y"))
                                .verdict())
                .isEqualTo(Verdict.REFUSE);
    }

    @Test
    void flagsUnusualTensorNamesAndRefusesHostileOnes() {
        for (String name : new String[] {"caf\u00e9", "a&b", "<b>"}) {
            String header = "{" + tensor(name, "F32", "[2]", "[0,8]") + "}";
            assertThat(scan("m.safetensors", safetensors(header, 8)).verdict())
                    .isEqualTo(Verdict.FLAG);
        }
        for (String name :
                new String[] {"\u202ea", "a\\\\b", "/a", "a/../b", "..", "a//b", "a\u0085"}) {
            String header = "{" + tensor(name, "F32", "[2]", "[0,8]") + "}";
            assertThat(scan("m.safetensors", safetensors(header, 8)).verdict())
                    .isEqualTo(Verdict.REFUSE);
        }
    }

    @Test
    void admitsTensorDataOnlyWhereAnAdmittedFileRefersToIt(@TempDir Path dir) throws IOException {
        byte[] entry = field(13, join(field(1, "location"), field(2, "w.data")));
        byte[] onnx = field(7, field(5, join(entry, new byte[] {14 << 3, 1})));
        Path folder = Files.createDirectory(dir.resolve("sub"));
        Files.write(folder.resolve("w.data"), new byte[] {1, 2, 3});
        assertThat(ModelScanner.scan(dir).verdict()).isEqualTo(Verdict.REFUSE);

        Files.write(dir.resolve("m.onnx"), onnx);
        assertThat(ModelScanner.scan(dir).verdict()).isEqualTo(Verdict.REFUSE);
        Files.write(folder.resolve("m.onnx"), onnx);
        Files.delete(dir.resolve("m.onnx"));
        ScanReport report = ModelScanner.scan(dir);
        assertThat(report.verdict()).isEqualTo(Verdict.ALLOW);
        assertThat(report.files()).anyMatch(file -> file.format().equals("tensor-data"));

        Files.writeString(folder.resolve("w.data"), "cos\nsystem\n(S'true'\ntR.");
        assertThat(ModelScanner.scan(dir).verdict()).isEqualTo(Verdict.REFUSE);
    }

    @Test
    void refusesLinksInAFolder(@TempDir Path dir) throws IOException {
        Files.writeString(dir.resolve("README.md"), "x");
        assertThat(ModelScanner.scan(dir).verdict()).isEqualTo(Verdict.ALLOW);
        Files.createSymbolicLink(dir.resolve("link.md"), Path.of("README.md"));
        assertThat(ModelScanner.scan(dir).verdict()).isEqualTo(Verdict.REFUSE);
    }

    @Test
    void answersOnEveryMutilatedFile() {
        long seed = Long.getLong("atlas.seed", 20_261_123L);
        Random random = new Random(seed);
        byte[][] seeds = {
            safetensors("{" + tensor("a", "F32", "[2]", "[0,8]") + "}", 8),
            tensor(gguf("{{ messages[0].content }}"), 8, 64, 0, 68),
            field(7, field(1, join(field(4, "Relu"), field(7, "")))),
            "{\"chat_template\":\"{{ x }}\"}".getBytes(StandardCharsets.UTF_8)
        };
        String[] names = {"m.safetensors", "m.gguf", "m.onnx", "m.json"};
        for (int i = 0; i < 8_000; i++) {
            int kind = i % seeds.length;
            byte[] bytes = Arrays.copyOf(seeds[kind], 1 + random.nextInt(seeds[kind].length));
            for (int flips = random.nextInt(4); flips >= 0; flips--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            assertThat(scan(names[kind], bytes).verdict()).as("seed %d", seed).isNotNull();
        }
    }
}
