package atlas.export.send;

import atlas.export.format.ExportLine;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Kafka's record batch, magic 2: one record for each line, its key {@code ORIGIN:INDEX}, its time
 * the entry's. Not compressed, and of no producer that the broker would know again.
 */
final class RecordBatch {
    private static final int MAGIC = 2;
    private static final int NO_PRODUCER = -1;

    private RecordBatch() {}

    static byte[] of(List<ExportLine> lines) throws IOException {
        long first = lines.getFirst().when().toEpochMilli();
        long last = first;
        for (ExportLine line : lines) {
            last = Math.max(last, line.when().toEpochMilli());
        }
        long latest = last;
        byte[] checked =
                KafkaWire.bytes(to -> {
                    to.writeShort(0); // attributes: no compression, create time
                    to.writeInt(lines.size() - 1);
                    to.writeLong(first);
                    to.writeLong(latest);
                    to.writeLong(NO_PRODUCER);
                    to.writeShort(NO_PRODUCER);
                    to.writeInt(NO_PRODUCER);
                    to.writeInt(lines.size());
                    for (int i = 0; i < lines.size(); i++) {
                        record(to, i, first, lines.get(i));
                    }
                });
        CRC32C crc = new CRC32C();
        crc.update(ByteBuffer.wrap(checked));
        return KafkaWire.bytes(to -> {
            to.writeLong(0); // base offset, for the broker to say
            to.writeInt(4 + 1 + 4 + checked.length);
            to.writeInt(-1); // leader epoch, likewise
            to.writeByte(MAGIC);
            to.writeInt((int) crc.getValue());
            to.write(checked);
        });
    }

    private static void record(DataOutputStream to, int place, long first, ExportLine line)
            throws IOException {
        byte[] key = (line.origin() + ":" + line.index()).getBytes(StandardCharsets.UTF_8);
        byte[] record =
                KafkaWire.bytes(body -> {
                    body.writeByte(0);
                    varint(body, line.when().toEpochMilli() - first);
                    varint(body, place);
                    varint(body, key.length);
                    body.write(key);
                    varint(body, line.text().length);
                    body.write(line.text());
                    varint(body, 0); // headers
                });
        varint(to, record.length);
        to.write(record);
    }

    /** Zigzag, seven bits at a time, as Protocol Buffers have it. */
    private static void varint(DataOutputStream to, long value) throws IOException {
        long left = (value << 1) ^ (value >> 63);
        while ((left & ~0x7fL) != 0) {
            to.writeByte((int) ((left & 0x7f) | 0x80));
            left >>>= 7;
        }
        to.writeByte((int) left);
    }
}
