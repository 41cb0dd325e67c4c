package atlas.identity.saml;

import atlas.core.Digest;
import atlas.core.crypto.Hashes;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * What may be used once, until it would be refused anyway. Bounded: when it is full of what still
 * holds, nothing more is taken, because forgetting would let something through twice. Only what
 * passed every other check comes here. Thread-safe.
 */
final class ReplayMemory {
    private final int limit;
    private final Map<Digest, Instant> used = new HashMap<>();

    ReplayMemory(int limit) {
        this.limit = limit;
    }

    /** What came of trying to use something. */
    enum Use {
        FIRST,
        REPEATED,
        FULL
    }

    synchronized Use use(String kind, String issuer, String id, Instant until, Instant now) {
        Digest key = Hashes.sha256(kind + "\n" + issuer.length() + "\n" + issuer + id);
        Instant before = used.get(key);
        if (before != null && now.isBefore(before)) {
            return Use.REPEATED;
        }
        if (used.size() >= limit) {
            used.values().removeIf(end -> !now.isBefore(end));
        }
        if (used.size() >= limit) {
            return Use.FULL;
        }
        used.put(key, until);
        return Use.FIRST;
    }
}
