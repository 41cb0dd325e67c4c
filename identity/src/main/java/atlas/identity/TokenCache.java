package atlas.identity;

import atlas.core.Digest;
import atlas.core.crypto.Remembered;
import atlas.identity.Authentication.Authenticated;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Tokens that were verified, by the SHA-256 of the whole token. Only a yes is remembered, never
 * past the token's expiry and never past the key set that verified it. Thread-safe.
 */
final class TokenCache {
    private final Remembered<Verified> entries;

    TokenCache(int limit) {
        entries = new Remembered<>(limit);
    }

    record Verified(Authenticated outcome, Instant expires, IssuerKeys keys, long generation) {}

    @Nullable Verified find(Digest token, Instant now) {
        Verified entry = entries.find(token);
        if (entry == null) {
            return null;
        }
        if (!now.isBefore(entry.expires) || !entry.keys.stillTrusts(entry.generation, now)) {
            entries.remove(token);
            return null;
        }
        return entry;
    }

    /** {@code length} is how long the token's text is. */
    void put(Digest token, Verified verified, int length) {
        entries.put(token, verified, length);
    }

    int size() {
        return entries.size();
    }
}
