package atlas.identity;

import atlas.core.Digest;
import atlas.identity.Authentication.Authenticated;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tokens that were verified, by the SHA-256 of the whole token. Only a yes is remembered, never
 * past the token's expiry and never past the key set that verified it. Thread-safe.
 */
final class TokenCache {
    private final Map<Digest, Verified> entries;

    TokenCache(int limit) {
        entries =
                new LinkedHashMap<>(16, 0.75f, true) {
                    private static final long serialVersionUID = 1L;

                    @Override
                    protected boolean removeEldestEntry(Map.Entry<Digest, Verified> eldest) {
                        return size() > limit;
                    }
                };
    }

    record Verified(Authenticated outcome, Instant expires, IssuerKeys keys, long generation) {}

    synchronized @Nullable Verified find(Digest token, Instant now) {
        Verified entry = entries.get(token);
        if (entry == null) {
            return null;
        }
        if (!now.isBefore(entry.expires) || !entry.keys.stillTrusts(entry.generation, now)) {
            entries.remove(token);
            return null;
        }
        return entry;
    }

    synchronized void put(
            Digest token,
            Authenticated outcome,
            Instant expires,
            IssuerKeys keys,
            long generation) {
        entries.put(token, new Verified(outcome, expires, keys, generation));
    }

    synchronized int size() {
        return entries.size();
    }
}
