package atlas.node.engine.onnx;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Writes the smallest useful ONNX model, byte by byte: a table and a look-up in it. */
final class OnnxWriter {
    private static final int FLOAT = 1;
    private static final int INT64 = 7;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private OnnxWriter() {}

    private void varint(long value) {
        long left = value;
        while (left > 127) {
            out.write((int) ((left & 127) | 128));
            left >>>= 7;
        }
        out.write((int) left);
    }

    private OnnxWriter number(int field, long value) {
        varint(field << 3);
        varint(value);
        return this;
    }

    private OnnxWriter bytes(int field, byte[] value) {
        varint((field << 3) | 2);
        varint(value.length);
        out.writeBytes(value);
        return this;
    }

    private OnnxWriter text(int field, String value) {
        return bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    private OnnxWriter message(int field, OnnxWriter value) {
        return bytes(field, value.out.toByteArray());
    }

    private static OnnxWriter start() {
        return new OnnxWriter();
    }

    /** A model that maps each number of {@code input} to a row of the table. */
    static byte[] lookup(String input, String output, float[] table, int rows, int columns) {
        ByteBuffer raw = ByteBuffer.allocate(4 * table.length).order(ByteOrder.LITTLE_ENDIAN);
        raw.asFloatBuffer().put(table);
        OnnxWriter tensor =
                start().number(1, rows)
                        .number(1, columns)
                        .number(2, FLOAT)
                        .text(8, "table")
                        .bytes(9, raw.array());
        OnnxWriter node = start().text(1, "table").text(1, input).text(2, output).text(4, "Gather");
        OnnxWriter graph =
                start().message(1, node)
                        .text(2, "lookup")
                        .message(5, tensor)
                        .message(11, value(input, INT64, "batch", "length"))
                        .message(12, value(output, FLOAT, "batch", "length", "width"));
        OnnxWriter operators = start().text(1, "").number(2, 13);
        return start().number(1, 8).message(7, graph).message(8, operators).out.toByteArray();
    }

    private static OnnxWriter value(String name, int type, String... dimensions) {
        OnnxWriter shape = start();
        for (String dimension : dimensions) {
            shape.message(1, start().text(2, dimension));
        }
        OnnxWriter tensor = start().number(1, type).message(2, shape);
        return start().text(1, name).message(2, start().message(1, tensor));
    }
}
