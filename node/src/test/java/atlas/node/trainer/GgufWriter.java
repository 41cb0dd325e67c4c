package atlas.node.trainer;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Writes GGUF version 3 files: metadata in the order given, tensors aligned to 32 bytes. */
public final class GgufWriter {
    public static final int F32 = 0;
    public static final int F16 = 1;
    public static final int Q8_0 = 8;
    private static final int ALIGNMENT = 32;

    private final ByteArrayOutputStream metadata = new ByteArrayOutputStream();
    private final ByteArrayOutputStream directory = new ByteArrayOutputStream();
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private long entries;
    private long tensors;

    private static ByteBuffer buffer(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static byte[] text(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return buffer(8 + bytes.length).putLong(bytes.length).put(bytes).array();
    }

    private GgufWriter entry(String key, int type, byte[] value) {
        metadata.writeBytes(text(key));
        metadata.writeBytes(buffer(4).putInt(type).array());
        metadata.writeBytes(value);
        entries++;
        return this;
    }

    public GgufWriter string(String key, String value) {
        return entry(key, 8, text(value));
    }

    public GgufWriter u32(String key, int value) {
        return entry(key, 4, buffer(4).putInt(value).array());
    }

    public GgufWriter f32(String key, float value) {
        return entry(key, 6, buffer(4).putFloat(value).array());
    }

    public GgufWriter bool(String key, boolean value) {
        return entry(key, 7, new byte[] {(byte) (value ? 1 : 0)});
    }

    public GgufWriter strings(String key, List<String> values) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(buffer(12).putInt(8).putLong(values.size()).array());
        values.forEach(value -> all.writeBytes(text(value)));
        return entry(key, 9, all.toByteArray());
    }

    public GgufWriter i32s(String key, int[] values) {
        ByteBuffer all = buffer(12 + 4 * values.length).putInt(5).putLong(values.length);
        for (int value : values) {
            all.putInt(value);
        }
        return entry(key, 9, all.array());
    }

    /** A tensor of {@code rows} times {@code columns}; one row makes it one-dimensional. */
    public GgufWriter tensor(String name, int rows, int columns, int type, float[] values) {
        directory.writeBytes(text(name));
        boolean flat = rows == 1;
        directory.writeBytes(buffer(4).putInt(flat ? 1 : 2).array());
        directory.writeBytes(buffer(8).putLong(columns).array());
        if (!flat) {
            directory.writeBytes(buffer(8).putLong(rows).array());
        }
        directory.writeBytes(buffer(12).putInt(type).putLong(body.size()).array());
        body.writeBytes(encode(type, values));
        pad(body);
        tensors++;
        return this;
    }

    private static byte[] encode(int type, float[] values) {
        return switch (type) {
            case F32 -> {
                ByteBuffer out = buffer(4 * values.length);
                for (float value : values) {
                    out.putFloat(value);
                }
                yield out.array();
            }
            case F16 -> {
                ByteBuffer out = buffer(2 * values.length);
                for (float value : values) {
                    out.putShort(Float.floatToFloat16(value));
                }
                yield out.array();
            }
            case Q8_0 -> quantise(values);
            default -> throw new IllegalArgumentException("no tensor type " + type);
        };
    }

    private static byte[] quantise(float[] values) {
        ByteBuffer out = buffer(values.length / 32 * 34);
        for (int i = 0; i < values.length; i += 32) {
            float largest = 0;
            for (int j = 0; j < 32; j++) {
                largest = Math.max(largest, Math.abs(values[i + j]));
            }
            short half = Float.floatToFloat16(largest / 127);
            float scale = Float.float16ToFloat(half);
            out.putShort(half);
            for (int j = 0; j < 32; j++) {
                double q = scale == 0 ? 0 : Math.rint(values[i + j] / scale);
                out.put((byte) Math.max(-127, Math.min(127, q)));
            }
        }
        return out.array();
    }

    private static void pad(ByteArrayOutputStream out) {
        while (out.size() % ALIGNMENT != 0) {
            out.write(0);
        }
    }

    public byte[] bytes() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes("GGUF".getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(buffer(20).putInt(3).putLong(tensors).putLong(entries).array());
        out.writeBytes(metadata.toByteArray());
        out.writeBytes(directory.toByteArray());
        pad(out);
        out.writeBytes(body.toByteArray());
        return out.toByteArray();
    }
}
