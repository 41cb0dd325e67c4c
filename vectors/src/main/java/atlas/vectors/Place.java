package atlas.vectors;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The store that sealed bytes belong to; what moves to another place does not open there. */
record Place(String tenant, String store) {
    private static final String PURPOSE = "embeddings";

    /** What the store's own key is bound to. */
    byte[] ofKey(int generation) {
        return bytes("key", generation, 0);
    }

    /** What one frame of the store's log is bound to. */
    byte[] ofFrame(int generation, long sequence) {
        return bytes("frame", generation, sequence);
    }

    private byte[] bytes(String what, int generation, long sequence) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(160);
        out.writeBytes("atlas-vectors/1\n".getBytes(StandardCharsets.US_ASCII));
        for (String text : new String[] {tenant, PURPOSE, store, what}) {
            byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
            out.writeBytes(ByteBuffer.allocate(4).putInt(utf8.length).array());
            out.writeBytes(utf8);
        }
        out.writeBytes(ByteBuffer.allocate(12).putInt(generation).putLong(sequence).array());
        return out.toByteArray();
    }
}
