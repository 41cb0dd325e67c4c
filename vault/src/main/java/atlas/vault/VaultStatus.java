package atlas.vault;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The key hierarchy as it stands: the KEK, each tenant's key under it, each purpose's below.
 *
 * @param withheld why no key is released now; empty when they are
 */
public record VaultStatus(KekStatus kek, Optional<String> withheld, List<TenantStatus> tenants) {
    public VaultStatus {
        tenants = List.copyOf(tenants);
    }

    /** A tenant's key and the purpose keys it wraps. */
    public record TenantStatus(String tenant, List<KeyStatus> keys, List<PurposeStatus> purposes) {
        public TenantStatus {
            keys = List.copyOf(keys);
            purposes = List.copyOf(purposes);
        }
    }

    /** The keys of one purpose, oldest first; the last one seals. */
    public record PurposeStatus(Purpose purpose, List<KeyStatus> keys) {
        public PurposeStatus {
            keys = List.copyOf(keys);
        }
    }

    /**
     * One version of a key.
     *
     * @param due from when on it should be rotated; empty for old versions, which seal nothing
     */
    public record KeyStatus(
            int version, Instant created, Duration age, boolean current, Optional<Instant> due) {}
}
