package atlas.registry.scan;

import java.io.IOException;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** GGUF versions 2 and 3: every count and length is bounded by the bytes that could hold it. */
final class GgufFile {
    static final String FORMAT = "gguf";
    static final int MAGIC = 0x46554747;

    private static final long MAX_KEY_BYTES = 65_535;
    private static final long MAX_TEXT_BYTES = 16 << 20;
    private static final int MAX_NAME_BYTES = 63;
    private static final int MIN_TENSOR_BYTES = 8 + 1 + 4 + 8 + 4 + 8;
    private static final int MIN_KV_BYTES = 8 + 1 + 4 + 1;
    private static final int TYPE_UINT32 = 4;
    private static final int TYPE_BOOL = 7;
    private static final int TYPE_STRING = 8;
    private static final int TYPE_ARRAY = 9;
    // Bytes of a value of each type; 0 for strings and arrays.
    private static final int[] VALUE_BYTES = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};

    /** Elements and bytes of a block of each tensor type; removed types are absent. */
    private record Block(int elements, int bytes) {}

    private static final Map<Integer, Block> BLOCKS =
            Map.ofEntries(
                    Map.entry(0, new Block(1, 4)),
                    Map.entry(1, new Block(1, 2)),
                    Map.entry(2, new Block(32, 18)),
                    Map.entry(3, new Block(32, 20)),
                    Map.entry(6, new Block(32, 22)),
                    Map.entry(7, new Block(32, 24)),
                    Map.entry(8, new Block(32, 34)),
                    Map.entry(9, new Block(32, 36)),
                    Map.entry(10, new Block(256, 84)),
                    Map.entry(11, new Block(256, 110)),
                    Map.entry(12, new Block(256, 144)),
                    Map.entry(13, new Block(256, 176)),
                    Map.entry(14, new Block(256, 210)),
                    Map.entry(15, new Block(256, 292)),
                    Map.entry(16, new Block(256, 66)),
                    Map.entry(17, new Block(256, 74)),
                    Map.entry(18, new Block(256, 98)),
                    Map.entry(19, new Block(256, 50)),
                    Map.entry(20, new Block(32, 18)),
                    Map.entry(21, new Block(256, 110)),
                    Map.entry(22, new Block(256, 82)),
                    Map.entry(23, new Block(256, 136)),
                    Map.entry(24, new Block(1, 1)),
                    Map.entry(25, new Block(1, 2)),
                    Map.entry(26, new Block(1, 4)),
                    Map.entry(27, new Block(1, 8)),
                    Map.entry(28, new Block(1, 8)),
                    Map.entry(29, new Block(256, 56)),
                    Map.entry(30, new Block(1, 2)),
                    Map.entry(34, new Block(256, 54)),
                    Map.entry(35, new Block(256, 66)),
                    Map.entry(39, new Block(32, 17)));

    private final ByteWindow in;
    private final Examination out;
    private long alignment = 32;

    private GgufFile(ByteSource source, Examination out) {
        this.in = new ByteWindow(source);
        this.out = out;
    }

    static void examine(ByteSource source, Examination out) throws IOException, Malformed {
        new GgufFile(source, out).examine();
    }

    private void examine() throws IOException, Malformed {
        if (in.i32() != MAGIC) {
            throw new Malformed("the magic is not `GGUF`", 0);
        }
        int version = in.i32();
        if (version != 2 && version != 3) {
            throw new Malformed("only versions 2 and 3, little-endian, are admitted", 4);
        }
        long tensors = count(MIN_TENSOR_BYTES);
        long values = count(MIN_KV_BYTES);
        Set<String> keys = new HashSet<>();
        for (long i = 0; i < values; i++) {
            String key = in.text(in.u64(), MAX_KEY_BYTES);
            if (key.isEmpty() || !keys.add(key)) {
                throw in.malformed("a key is empty or occurs twice");
            }
            value(key);
        }
        out.about("format", FORMAT);
        out.about("tensors", Long.toString(tensors));
        tensors(tensors);
    }

    private long count(int least) throws IOException, Malformed {
        long count = in.u64();
        if (count > in.remaining() / least) {
            throw in.malformed("a count is larger than the file can hold");
        }
        return count;
    }

    private void value(String key) throws IOException, Malformed {
        int type = in.i32();
        if (type < 0 || type >= VALUE_BYTES.length) {
            throw in.malformed("a value's type is not known");
        }
        if (key.equals("general.alignment")) {
            alignment(type);
        } else if (type == TYPE_STRING) {
            long at = in.position();
            told(key, in.text(in.u64(), MAX_TEXT_BYTES), at);
        } else if (type == TYPE_ARRAY) {
            array(key);
        } else {
            scalar(type);
        }
    }

    private void alignment(int type) throws IOException, Malformed {
        long value = type == TYPE_UINT32 ? in.u32() : 0;
        if (value < 8 || value > 1 << 16 || Long.bitCount(value) != 1) {
            throw in.malformed("the alignment is not a uint32 power of two from 8 to 65536");
        }
        alignment = value;
    }

    private void scalar(int type) throws IOException, Malformed {
        if (type == TYPE_BOOL) {
            if (in.u8() > 1) {
                throw in.malformed("a bool is neither 0 nor 1");
            }
        } else {
            in.skip(VALUE_BYTES[type]);
        }
    }

    private void array(String key) throws IOException, Malformed {
        int type = in.i32();
        if (type < 0 || type >= VALUE_BYTES.length || type == TYPE_ARRAY) {
            throw in.malformed("an array's type is not known, or arrays are nested");
        }
        int least = type == TYPE_STRING ? 8 : VALUE_BYTES[type];
        long count = count(least);
        if (type != TYPE_STRING && type != TYPE_BOOL) {
            in.skip(count * least);
            return;
        }
        for (long i = 0; i < count; i++) {
            if (type == TYPE_BOOL) {
                scalar(type);
            } else if (key.startsWith("tokenizer.chat_template")) {
                long at = in.position();
                ChatTemplate.examine(in.text(in.u64(), MAX_TEXT_BYTES), at, out);
            } else {
                in.skip(in.u64());
            }
        }
    }

    private void told(String key, String value, long at) {
        if (key.startsWith("tokenizer.chat_template")) {
            ChatTemplate.examine(value, at, out);
        } else if (key.startsWith("general.")) {
            out.about(key, value);
        }
    }

    private void tensors(long count) throws IOException, Malformed {
        Set<String> names = new HashSet<>();
        long expected = 0;
        long last = 0;
        for (long i = 0; i < count; i++) {
            String name = in.text(in.u64(), MAX_NAME_BYTES);
            if (name.isEmpty() || !names.add(name)) {
                throw in.malformed("a tensor's name is empty or occurs twice");
            }
            long bytes = tensorBytes();
            long offset = in.u64();
            // Tensors follow each other in order, each padded to the alignment.
            if (offset != expected) {
                throw in.malformed("a tensor does not begin where the one before it ends");
            }
            last = Math.addExact(offset, bytes);
            expected = padded(last);
            if (last > in.remaining()) {
                throw in.malformed("a tensor reaches beyond the file");
            }
        }
        end(count, last);
    }

    private long tensorBytes() throws IOException, Malformed {
        long dimensions = in.u32();
        if (dimensions < 1 || dimensions > 4) {
            throw in.malformed("a tensor has 1 to 4 dimensions");
        }
        long first = 0;
        long elements = 1;
        try {
            for (int d = 0; d < dimensions; d++) {
                long size = in.u64();
                if (size < 1) {
                    throw in.malformed("a dimension is zero");
                }
                first = d == 0 ? size : first;
                elements = Math.multiplyExact(elements, size);
            }
            Block block = BLOCKS.get(in.i32());
            if (block == null) {
                throw in.malformed("a tensor's type is unknown or was removed");
            }
            if (first % block.elements() != 0) {
                throw in.malformed("a row is not a whole number of blocks");
            }
            return Math.multiplyExact(elements / block.elements(), (long) block.bytes());
        } catch (ArithmeticException e) {
            throw in.malformed("a tensor's size overflows");
        }
    }

    private long padded(long bytes) {
        return Math.addExact(bytes, alignment - 1) / alignment * alignment;
    }

    // Behind the last tensor there may be its padding, zeroed, and nothing else.
    private void end(long count, long last) throws IOException, Malformed {
        long header = in.position();
        long start = count == 0 ? header : padded(header);
        long fileEnd = header + in.remaining();
        if (start + last > fileEnd) {
            throw in.malformed("a tensor reaches beyond the file");
        }
        if (fileEnd > padded(start + last)) {
            throw new Malformed("there are bytes behind the last tensor", start + last);
        }
        in.skip(start + last - header);
        while (in.remaining() > 0) {
            if (in.u8() != 0) {
                throw in.malformed("the padding behind the last tensor is not zero");
            }
        }
    }
}
