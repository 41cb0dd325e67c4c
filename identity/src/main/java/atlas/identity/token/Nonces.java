package atlas.identity.token;

import atlas.core.crypto.Hashes;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;

/**
 * Nonces for DPoP proofs (RFC 9449 §8): the number of a window of time under a key that only this
 * process has. Nothing is kept per client. One holds for its window and the next.
 */
final class Nonces {
    static final Duration WINDOW = Duration.ofMinutes(3);

    private static final int MAC_BYTES = 16;

    private final byte[] key = new byte[32];
    private final Clock clock;

    Nonces(Clock clock) {
        new SecureRandom().nextBytes(key);
        this.clock = clock;
    }

    String current() {
        return nonce(window());
    }

    boolean holds(String nonce) {
        long now = window();
        byte[] given = bytes(nonce);
        boolean fresh = MessageDigest.isEqual(bytes(nonce(now)), given);
        boolean lastWindow = MessageDigest.isEqual(bytes(nonce(now - 1)), given);
        return fresh | lastWindow;
    }

    private long window() {
        return clock.instant().getEpochSecond() / WINDOW.toSeconds();
    }

    private String nonce(long window) {
        byte[] number = ByteBuffer.allocate(Long.BYTES).putLong(window).array();
        return Compact.encode(Arrays.copyOf(Hashes.hmacSha256(key, number), MAC_BYTES));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
