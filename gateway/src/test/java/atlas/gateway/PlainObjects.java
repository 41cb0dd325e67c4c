package atlas.gateway;

import atlas.core.Digest;
import atlas.core.crypto.Hashes;
import atlas.core.crypto.ObjectContext;
import atlas.core.crypto.ObjectSealer;
import atlas.core.crypto.OpenedObject;
import atlas.core.crypto.SealedObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;

/** Stores objects as they are: tests of the gateway need a registry, not its secrecy. */
final class PlainObjects implements ObjectSealer {
    @Override
    public SealedObject seal(ObjectContext context, InputStream plaintext, OutputStream ciphertext)
            throws IOException {
        DigestInputStream in = new DigestInputStream(plaintext, Hashes.sha256());
        long bytes = in.transferTo(ciphertext);
        Digest digest = Digest.of(in.getMessageDigest().digest());
        return new SealedObject(bytes, digest, bytes, digest);
    }

    @Override
    public OpenedObject open(ObjectContext context, Path ciphertext) throws IOException {
        byte[] bytes = Files.readAllBytes(ciphertext);
        return new OpenedObject() {
            @Override
            public long length() {
                return bytes.length;
            }

            @Override
            public void read(long position, ByteBuffer target) {
                target.put(bytes, (int) position, target.remaining());
            }

            @Override
            public int chunkBytes() {
                return 1 << 16;
            }

            @Override
            public void close() {}
        };
    }
}
