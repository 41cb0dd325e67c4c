package atlas.core.crypto;

import atlas.core.Digest;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The place a sealed object belongs to. It is bound to the ciphertext as associated data, so an
 * object moved to another tenant, model, version or file name does not open there.
 *
 * @param purpose what it is for, {@code weights}
 * @param name the model's name
 * @param root root digest of the signed manifest the object is part of
 * @param file relative name of the file in that manifest
 */
public record ObjectContext(
        String tenant, String purpose, String name, int version, Digest root, String file) {
    private static final int MAX_TEXT_BYTES = 4096;

    public ObjectContext {
        for (String text : new String[] {tenant, purpose, name, file}) {
            if (text.isEmpty() || text.getBytes(StandardCharsets.UTF_8).length > MAX_TEXT_BYTES) {
                throw new IllegalArgumentException("a context field has 1 to 4096 bytes");
            }
        }
        if (version < 1) {
            throw new IllegalArgumentException("versions count from 1, not " + version);
        }
    }

    /** The canonical bytes: every text with its length before it, so no two contexts collide. */
    public byte[] bytes() {
        ByteArrayOutputStream out = new ByteArrayOutputStream(256);
        out.writeBytes("atlas-object-context/1\n".getBytes(StandardCharsets.UTF_8));
        text(out, tenant);
        text(out, purpose);
        text(out, name);
        out.writeBytes(ByteBuffer.allocate(4).putInt(version).array());
        out.writeBytes(root.bytes());
        text(out, file);
        return out.toByteArray();
    }

    private static void text(ByteArrayOutputStream out, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeBytes(ByteBuffer.allocate(4).putInt(bytes.length).array());
        out.writeBytes(bytes);
    }
}
