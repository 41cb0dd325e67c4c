package atlas.node.engine.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.node.trainer.GgufWriter;
import atlas.node.trainer.TinyModel;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GgufFileTest {
    private static final int TYPE = 4 + 2 * 8;
    private static final int OFFSET = TYPE + 4;

    /** A file with one of everything; `one` and `two` are tensors of 2 rows of 32. */
    private static GgufWriter sample() {
        return new GgufWriter()
                .u32("general.alignment", 32)
                .string("word", "hello")
                .f32("real", 1.5f)
                .bool("flag", true)
                .strings("words", List.of("a", "b"))
                .i32s("numbers", new int[] {1, 2, 3})
                .tensor("one", 2, 32, GgufWriter.F32, new float[64])
                .tensor("two", 2, 32, GgufWriter.Q8_0, new float[64]);
    }

    private static MemorySegment segment(byte[] bytes) {
        return MemorySegment.ofArray(bytes);
    }

    /** Where the bytes after this name begin. */
    private static int after(byte[] file, String name) {
        byte[] wanted = name.getBytes(StandardCharsets.UTF_8);
        for (int i = 24; i < file.length - wanted.length; i++) {
            boolean here = Arrays.equals(file, i, i + wanted.length, wanted, 0, wanted.length);
            if (here && file[i - 8] == wanted.length) {
                return i + wanted.length;
            }
        }
        throw new AssertionError("no `" + name + "` in the sample");
    }

    /** A way to break the sample, and what must be said about it. */
    record Attack(String name, String expected, Consumer<ByteBuffer> change) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static Attack attack(String name, String expected, Consumer<ByteBuffer> change) {
        return new Attack(name, expected, change);
    }

    static Stream<Attack> attacks() {
        return Stream.of(headerAttacks(), metadataAttacks(), tensorAttacks()).flatMap(s -> s);
    }

    private static Stream<Attack> headerAttacks() {
        return Stream.of(
                attack("wrong magic", "not a GGUF file", b -> b.put(0, (byte) 'X')),
                attack("version 2", "version 2", b -> b.putInt(4, 2)),
                attack("many tensors", "number of tensors", b -> b.putLong(8, 1L << 40)),
                attack("negative tensors", "number of tensors", b -> b.putLong(8, -1)),
                attack("one tensor too many", "tensor", b -> b.putLong(8, 3)),
                attack("many entries", "number of metadata", b -> b.putLong(16, 1L << 62)),
                attack("negative entries", "number of metadata", b -> b.putLong(16, -5)),
                attack("long key", "length of a metadata key", b -> b.putLong(24, 1L << 33)),
                attack("negative key", "length of a metadata key", b -> b.putLong(24, -1)),
                attack("key not UTF-8", "not UTF-8", b -> b.put(32, (byte) 0xff)));
    }

    private static Stream<Attack> metadataAttacks() {
        return Stream.of(
                attack("unknown type", "unknown type 13", b -> put(b, "word", 0, 13)),
                attack("long text", "length of metadata `word`", b -> put(b, "word", 8, 7)),
                attack("text past the end", "ends inside", b -> put(b, "word", 4, 1 << 19)),
                attack("half a truth", "neither true nor false", b -> putByte(b, "flag", 4, 2)),
                attack("array of arrays", "array of arrays", b -> put(b, "words", 4, 9)),
                attack("unknown element", "unknown type 99", b -> put(b, "numbers", 4, 99)),
                attack("long array", "length of metadata `numbers`", b -> put(b, "numbers", 12, 1)),
                attack("array past the end", "ends inside", b -> put(b, "numbers", 8, 1 << 20)),
                attack("no alignment", "alignment", b -> put(b, "general.alignment", 4, 0)),
                attack("odd alignment", "alignment", b -> put(b, "general.alignment", 4, 48)),
                attack(
                        "alignment of 1 MiB",
                        "alignment",
                        b -> put(b, "general.alignment", 4, 1 << 20)));
    }

    private static Stream<Attack> tensorAttacks() {
        return Stream.of(
                attack("no dimension", "0 dimensions", b -> put(b, "one", 0, 0)),
                attack("five dimensions", "5 dimensions", b -> put(b, "one", 0, 5)),
                attack("empty dimension", "impossible dimension", b -> put(b, "one", 4, 0)),
                attack("negative dimension", "impossible dimension", b -> put(b, "one", 8, -1)),
                attack("large tensor", "outside the file", b -> put(b, "two", 12, 0x7fffffff)),
                attack("unread format", "number format 2", b -> put(b, "one", TYPE, 2)),
                attack("part of a block", "whole blocks", b -> put(b, "two", 4, 33)),
                attack("unaligned", "not aligned", b -> put(b, "two", OFFSET, 257)),
                attack("negative offset", "not aligned", b -> put(b, "two", OFFSET + 4, -1)),
                attack("far offset", "outside the file", b -> put(b, "two", OFFSET + 4, 1)),
                attack("same place", "overlaps", b -> put(b, "two", OFFSET, 0)),
                attack("last row outside", "outside the file", b -> put(b, "two", 12, 4)),
                attack("tensor twice", "occurs twice", b -> rename(b, "two", "one")),
                attack("key twice", "occurs twice", b -> rename(b, "flag", "word")));
    }

    private static void put(ByteBuffer file, String name, int at, int value) {
        file.putInt(after(file.array(), name) + at, value);
    }

    private static void putByte(ByteBuffer file, String name, int at, int value) {
        file.put(after(file.array(), name) + at, (byte) value);
    }

    private static void rename(ByteBuffer file, String from, String to) {
        int at = after(file.array(), from) - from.length();
        file.put(at, to.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void readsWhatWasWritten() {
        GgufFile file = GgufFile.read(segment(sample().bytes()));
        assertThat(file.require("word", String.class)).isEqualTo("hello");
        assertThat(file.require("real", Float.class)).isEqualTo(1.5f);
        assertThat(file.require("flag", Boolean.class)).isTrue();
        assertThat(file.list("words", String.class)).containsExactly("a", "b");
        assertThat(file.list("numbers", Integer.class)).containsExactly(1, 2, 3);
        assertThat(file.tensor("two", 2, 32).values().byteSize()).isEqualTo(68);
    }

    @ParameterizedTest
    @MethodSource("attacks")
    void refusesBrokenFiles(Attack attack) {
        byte[] bytes = sample().bytes();
        attack.change().accept(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
        assertThatThrownBy(() -> GgufFile.read(segment(bytes)))
                .isInstanceOf(GgufException.class)
                .hasMessageContaining(attack.expected());
    }

    @Test
    void refusesTheFileCutAnywhere() {
        byte[] whole = sample().bytes();
        int last = whole.length - 28; // the last tensor is padded to 32 bytes
        for (int length = 0; length < last; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> GgufFile.read(segment(cut)))
                    .as("cut to %d bytes", length)
                    .isInstanceOf(GgufException.class);
        }
    }

    @Test
    void refusesWrongTypesAndFormsOfWhatItIsAskedFor() {
        GgufFile file = GgufFile.read(segment(sample().bytes()));
        assertThatThrownBy(() -> file.require("word", Integer.class))
                .hasMessageContaining("wrong type");
        assertThatThrownBy(() -> file.require("nothing", Integer.class))
                .hasMessageContaining("missing");
        assertThatThrownBy(() -> file.list("numbers", String.class))
                .hasMessageContaining("wrong type");
        assertThatThrownBy(() -> file.tensor("one", 2, 64)).hasMessageContaining("not 2 x 64");
    }

    @Test
    void damagedModelsAreRefusedOrLoadedButNeverBreakTheLoader() {
        byte[] whole = TinyModel.gguf(1, false);
        long seed = 20261123;
        SplittableRandom random = new SplittableRandom(seed);
        int header = 12_000;
        int refused = 0;
        for (int round = 0; round < 500; round++) {
            byte[] bytes = whole.clone();
            int at = random.nextInt(header);
            bytes[at] = (byte) random.nextInt(256);
            try {
                GgufFile file = GgufFile.read(segment(bytes));
                new Tokenizer(file);
                new LlamaModel(file, new ScalarKernels(), 64);
            } catch (GgufException e) {
                refused++;
            } catch (RuntimeException | Error e) {
                throw new AssertionError("seed " + seed + ", byte " + at + ", round " + round, e);
            }
        }
        assertThat(refused).isPositive();
    }
}
