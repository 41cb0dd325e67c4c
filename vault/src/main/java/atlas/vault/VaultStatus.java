package atlas.vault;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** The key hierarchy as it stands: the KEK, each tenant's key under it, each purpose's below. */
public record VaultStatus(KekStatus kek, List<TenantStatus> tenants) {
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

    /** One version of a key. */
    public record KeyStatus(int version, Instant created, Duration age, boolean current) {}
}
