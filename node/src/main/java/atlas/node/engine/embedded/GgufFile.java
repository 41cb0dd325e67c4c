package atlas.node.engine.embedded;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A GGUF version 3 file, read strictly: every count, length and offset is bounded before it is
 * used, names are unique, tensors are aligned, lie inside the file and do not overlap. Tensor
 * values stay where they are.
 */
final class GgufFile {
    private static final int MAGIC = 0x46554747;
    private static final int MAX_ENTRIES = 4096;
    private static final int MAX_TENSORS = 16_384;
    private static final int MAX_KEY_BYTES = 256;
    private static final int MAX_TEXT_BYTES = 1 << 20;
    private static final int MAX_ARRAY = 1 << 21;
    private static final int MAX_DIMENSIONS = 4;

    private final Map<String, Object> metadata;
    private final Map<String, Tensor> tensors;

    private GgufFile(Map<String, Object> metadata, Map<String, Tensor> tensors) {
        this.metadata = metadata;
        this.tensors = tensors;
    }

    /** A tensor as the directory declares it. */
    private record Declared(String name, long[] dimensions, TensorType type, long offset) {
        long bytes() {
            long rows = 1;
            for (int i = 1; i < dimensions.length; i++) {
                rows = Math.multiplyExact(rows, dimensions[i]);
            }
            return Math.multiplyExact(rows, type.rowBytes(dimensions[0]));
        }
    }

    /**
     * Reads the whole directory.
     *
     * @throws GgufException when anything about the file is not as it must be
     */
    static GgufFile read(MemorySegment bytes) {
        GgufReader in = new GgufReader(bytes);
        if (in.i32("the magic number") != MAGIC) {
            throw new GgufException("this is not a GGUF file");
        }
        int version = in.i32("the version");
        if (version != 3) {
            throw new GgufException("GGUF version " + version + " is not read, only version 3");
        }
        int tensorCount = in.count("the number of tensors", MAX_TENSORS);
        int entryCount = in.count("the number of metadata entries", MAX_ENTRIES);
        Map<String, Object> metadata = new HashMap<>();
        for (int i = 0; i < entryCount; i++) {
            String key = in.text("a metadata key", MAX_KEY_BYTES);
            Object value = value(in, in.i32("a metadata type"), key, true);
            if (metadata.put(key, value) != null) {
                throw new GgufException("metadata `" + key + "` occurs twice");
            }
        }
        List<Declared> declared = new ArrayList<>();
        for (int i = 0; i < tensorCount; i++) {
            declared.add(declaration(in));
        }
        long alignment = alignment(metadata);
        long start = Math.ceilDiv(in.position(), alignment) * alignment;
        return new GgufFile(metadata, place(bytes, declared, start, alignment));
    }

    private static Object value(GgufReader in, int type, String key, boolean arrays) {
        String what = "metadata `" + key + "`";
        return switch (type) {
            case 0 -> in.u8(what);
            case 1 -> (int) (byte) in.u8(what);
            case 2 -> in.u16(what);
            case 3 -> (int) (short) in.u16(what);
            case 4, 5 -> in.i32(what);
            case 6 -> in.f32(what);
            case 7 -> bool(in.u8(what), what);
            case 8 -> in.text(what, MAX_TEXT_BYTES);
            case 10, 11 -> in.i64(what);
            case 12 -> Double.longBitsToDouble(in.i64(what));
            case 9 -> {
                if (!arrays) {
                    throw new GgufException(what + " is an array of arrays");
                }
                yield array(in, key, what);
            }
            default -> throw new GgufException(what + " has unknown type " + type);
        };
    }

    private static boolean bool(int value, String what) {
        if (value > 1) {
            throw new GgufException(what + " is neither true nor false");
        }
        return value == 1;
    }

    private static List<Object> array(GgufReader in, String key, String what) {
        int type = in.i32(what);
        int count = in.count("the length of " + what, MAX_ARRAY);
        // Grows with what the file really holds, so a large count alone costs nothing.
        List<Object> values = new ArrayList<>(Math.min(count, 1024));
        for (int i = 0; i < count; i++) {
            values.add(value(in, type, key, false));
        }
        return values;
    }

    private static Declared declaration(GgufReader in) {
        String name = in.text("a tensor name", MAX_KEY_BYTES);
        int count = in.i32("the dimensions of `" + name + "`");
        if (count < 1 || count > MAX_DIMENSIONS) {
            throw new GgufException("tensor `" + name + "` has " + count + " dimensions");
        }
        long[] dimensions = new long[count];
        long values = 1;
        for (int i = 0; i < count; i++) {
            dimensions[i] = in.i64("the dimensions of `" + name + "`");
            if (dimensions[i] < 1 || dimensions[i] > Integer.MAX_VALUE) {
                throw new GgufException("tensor `" + name + "` has an impossible dimension");
            }
            if (Math.multiplyHigh(values, dimensions[i]) != 0 || values * dimensions[i] < 0) {
                throw new GgufException("tensor `" + name + "` is impossibly large");
            }
            values *= dimensions[i];
        }
        TensorType type = TensorType.of(in.i32("the type of `" + name + "`"), name);
        if (dimensions[0] % type.blockValues != 0) {
            throw new GgufException(
                    "tensor `"
                            + name
                            + "` has rows of "
                            + dimensions[0]
                            + " values, not whole blocks of "
                            + type.blockValues);
        }
        long offset = in.i64("the offset of `" + name + "`");
        return new Declared(name, dimensions, type, offset);
    }

    private static long alignment(Map<String, Object> metadata) {
        Object stated = metadata.getOrDefault("general.alignment", 32);
        if (stated instanceof Integer a && a >= 8 && a <= 65_536 && Integer.bitCount(a) == 1) {
            return a;
        }
        throw new GgufException("`general.alignment` must be a power of two from 8 to 65536");
    }

    private static Map<String, Tensor> place(
            MemorySegment file, List<Declared> declared, long start, long alignment) {
        long room = file.byteSize() - start;
        List<Declared> ordered = new ArrayList<>(declared);
        ordered.sort(Comparator.comparingLong(Declared::offset));
        Map<String, Tensor> tensors = new HashMap<>();
        long free = 0;
        for (Declared tensor : ordered) {
            String name = tensor.name();
            if (tensor.offset() < 0 || tensor.offset() % alignment != 0) {
                throw new GgufException("tensor `" + name + "` is not aligned");
            }
            if (tensor.offset() < free) {
                throw new GgufException("tensor `" + name + "` overlaps another");
            }
            long bytes = tensor.bytes();
            if (tensor.offset() > room || bytes > room - tensor.offset()) {
                throw new GgufException("tensor `" + name + "` lies outside the file");
            }
            free = tensor.offset() + bytes;
            MemorySegment values = file.asSlice(start + tensor.offset(), bytes);
            long columns = tensor.dimensions()[0];
            long rows = bytes / tensor.type().rowBytes(columns);
            if (rows > Integer.MAX_VALUE) {
                throw new GgufException("tensor `" + name + "` is impossibly large");
            }
            Tensor placed = new Tensor(name, tensor.type(), (int) rows, (int) columns, values);
            if (tensors.put(name, placed) != null) {
                throw new GgufException("tensor `" + name + "` occurs twice");
            }
        }
        return tensors;
    }

    /** Metadata of a type, empty when it is not there. */
    <T> Optional<T> find(String key, Class<T> type) {
        Object value = metadata.get(key);
        if (value == null) {
            return Optional.empty();
        }
        if (!type.isInstance(value)) {
            throw new GgufException("metadata `" + key + "` is of the wrong type");
        }
        return Optional.of(type.cast(value));
    }

    /** Metadata that must be there. */
    <T> T require(String key, Class<T> type) {
        return find(key, type)
                .orElseThrow(() -> new GgufException("metadata `" + key + "` is missing"));
    }

    /** A whole number that must be there, between the bounds. */
    int number(String key, int least, int most) {
        int value = require(key, Integer.class);
        if (value < least || value > most) {
            throw new GgufException(
                    "metadata `"
                            + key
                            + "` is "
                            + value
                            + ", not between "
                            + least
                            + " and "
                            + most);
        }
        return value;
    }

    /** A list whose every element has the type. */
    <T> List<T> list(String key, Class<T> type) {
        List<?> values = require(key, List.class);
        for (Object value : values) {
            if (!type.isInstance(value)) {
                throw new GgufException("metadata `" + key + "` holds the wrong type");
            }
        }
        return values.stream().map(type::cast).toList();
    }

    /** A tensor of exactly this form. */
    Tensor tensor(String name, int rows, int columns) {
        Tensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new GgufException("tensor `" + name + "` is missing");
        }
        if (tensor.rows() != rows || tensor.columns() != columns) {
            throw new GgufException(
                    "tensor `"
                            + name
                            + "` is "
                            + tensor.rows()
                            + " x "
                            + tensor.columns()
                            + ", not "
                            + rows
                            + " x "
                            + columns);
        }
        return tensor;
    }

    boolean has(String tensor) {
        return tensors.containsKey(tensor);
    }
}
