package atlas.identity;

import atlas.core.Sensitive;
import java.security.GeneralSecurityException;
import java.util.function.UnaryOperator;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** HMAC-SHA-256 under one key, cheap to repeat: each use copies a prepared state. */
final class KeyedHash implements UnaryOperator<byte[]> {
    private final Mac prepared;

    KeyedHash(Sensitive<byte[]> key) {
        if (key.reveal().length < 32) {
            throw new IllegalArgumentException("a pepper has at least 32 bytes");
        }
        try {
            prepared = Mac.getInstance("HmacSHA256");
            prepared.init(new SecretKeySpec(key.reveal(), "HmacSHA256"));
            var _ = prepared.clone();
        } catch (GeneralSecurityException | CloneNotSupportedException e) {
            throw new IllegalStateException("every JDK has a copyable HmacSHA256", e);
        }
    }

    @Override
    public byte[] apply(byte[] message) {
        try {
            // INVARIANT: the prepared state is only ever copied, so threads may share it.
            return ((Mac) prepared.clone()).doFinal(message);
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("every JDK has a copyable HmacSHA256", e);
        }
    }
}
