package atlas.vault.kek;

import atlas.core.crypto.Hashes;
import atlas.core.crypto.SealBrokenException;
import atlas.core.crypto.SealFormat;
import atlas.vault.KekProvider;
import atlas.vault.KekStatus;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import javax.crypto.spec.SecretKeySpec;

/**
 * A KEK that a {@link KeyService} holds. Services differ in what they bind and whether their
 * ciphertext commits to a key, so each wrap makes a key of its own, has the service encrypt that,
 * and seals with it here, where both are known to hold.
 *
 * <pre>length of encrypted key (2) | encrypted key | sealed key, bound to the associated data</pre>
 */
final class EnvelopeKek implements KekProvider {
    private static final byte[] LABEL =
            "atlas-kek-envelope/1\n".getBytes(StandardCharsets.US_ASCII);
    private static final int MAX_ENCRYPTED = 16 << 10;

    private final KeyService service;

    EnvelopeKek(KeyService service) {
        this.service = service;
    }

    @Override
    public String uri() {
        return service.uri();
    }

    @Override
    public KekStatus status() {
        return service.status();
    }

    @Override
    public byte[] wrap(byte[] dek, byte[] aad) {
        byte[] once = SealFormat.newKey();
        try {
            byte[] encrypted = service.encrypt(once, place(aad));
            if (encrypted.length == 0 || encrypted.length > MAX_ENCRYPTED) {
                throw new IllegalStateException("a wrapped key of " + encrypted.length + " bytes");
            }
            byte[] sealed =
                    SealFormat.seal(new SecretKeySpec(once, "HmacSHA256"), 1, dek, bound(aad));
            return ByteBuffer.allocate(2 + encrypted.length + sealed.length)
                    .putShort((short) encrypted.length)
                    .put(encrypted)
                    .put(sealed)
                    .array();
        } finally {
            Arrays.fill(once, (byte) 0);
        }
    }

    @Override
    public byte[] unwrap(byte[] wrapped, byte[] aad) {
        ByteBuffer in = ByteBuffer.wrap(wrapped);
        int length = wrapped.length < 2 ? 0 : Short.toUnsignedInt(in.getShort());
        if (length == 0 || length > Math.min(MAX_ENCRYPTED, in.remaining())) {
            throw new SealBrokenException("not a key wrapped by `" + service.uri() + "`", null);
        }
        byte[] encrypted = new byte[length];
        in.get(encrypted);
        byte[] sealed = new byte[in.remaining()];
        in.get(sealed);
        byte[] once = service.decrypt(encrypted, place(aad));
        try {
            if (once.length != SealFormat.KEY_BYTES) {
                throw new SealBrokenException("not a key wrapped by `" + service.uri() + "`", null);
            }
            return SealFormat.open(new SecretKeySpec(once, "HmacSHA256"), sealed, bound(aad));
        } finally {
            Arrays.fill(once, (byte) 0);
        }
    }

    // Services log what they are told; the digest tells them nothing about tenants.
    private static String place(byte[] aad) {
        return Hashes.sha256(bound(aad)).hex();
    }

    private static byte[] bound(byte[] aad) {
        byte[] bound = Arrays.copyOf(LABEL, LABEL.length + aad.length);
        System.arraycopy(aad, 0, bound, LABEL.length, aad.length);
        return bound;
    }

    @Override
    public void close() {
        service.close();
    }
}
