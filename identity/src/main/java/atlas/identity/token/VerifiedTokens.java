package atlas.identity.token;

import atlas.core.Digest;
import atlas.core.crypto.Hashes;
import atlas.core.crypto.Remembered;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Tokens whose signature was verified, by the SHA-256 of the whole token and never by a part of it.
 * Only a yes is remembered, and none past its expiry; whether it is revoked is asked anew whenever
 * the epoch has changed. Bounded in number and size; the one not used for longest goes first.
 * Thread-safe.
 */
final class VerifiedTokens {
    private final Remembered<Known> entries;

    VerifiedTokens(int limit) {
        entries = new Remembered<>(limit);
    }

    /** A token that was verified, and up to which epoch it is known not to be revoked. */
    static final class Known {
        private final Claims claims;
        private final String keyId;
        private volatile long cleanAt;

        Known(Claims claims, String keyId, long cleanAt) {
            this.claims = claims;
            this.keyId = keyId;
            this.cleanAt = cleanAt;
        }

        Claims claims() {
            return claims;
        }

        /** Which key signed it; when that is dropped, the token is worth nothing. */
        String keyId() {
            return keyId;
        }

        long cleanAt() {
            return cleanAt;
        }

        void cleanAt(long epoch) {
            cleanAt = epoch;
        }
    }

    static Digest key(String token) {
        return Hashes.sha256(token);
    }

    @Nullable Known find(Digest token, Instant now) {
        Known known = entries.find(token);
        if (known != null && !now.isBefore(known.claims.expires())) {
            entries.remove(token);
            return null;
        }
        return known;
    }

    void put(Digest token, Known known, int length) {
        entries.put(token, known, length);
    }

    void drop(Digest token) {
        entries.remove(token);
    }

    int size() {
        return entries.size();
    }
}
