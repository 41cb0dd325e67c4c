package atlas.control.store;

import atlas.control.store.ControlStore.Row;
import atlas.control.store.ControlStore.Table;
import atlas.core.Cidr;
import atlas.core.Glob;
import atlas.core.Principal;
import atlas.core.Role;
import atlas.identity.ApiKey;
import atlas.identity.ApiKeyStore;
import atlas.identity.KeyLimits;
import atlas.identity.KeyLimits.Allowance;
import atlas.identity.MemoryApiKeyStore;
import atlas.identity.StoreUnavailableException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * API keys in the control store, held whole in memory.
 *
 * <p>Promises: {@link #find} and {@link #touched} never touch the disk; {@link #put} is on disk
 * before it is seen, and seen by every reader when it returns, so a revocation holds at once. Last
 * uses are written in batches by {@link #flush}: a crash loses at most the last batch. Thread-safe.
 */
public final class SqlApiKeyStore implements ApiKeyStore, AutoCloseable {
    private final ControlStore store;
    private final MemoryApiKeyStore memory = new MemoryApiKeyStore();
    private final Map<String, Long> used = new ConcurrentHashMap<>();
    private volatile boolean open = true;

    public SqlApiKeyStore(ControlStore store) {
        this.store = store;
        for (Row row : store.all(Table.API_KEYS)) {
            memory.put(decode(row));
        }
    }

    @Override
    public synchronized void put(ApiKey key) {
        requireOpen();
        try {
            long lastUsed = key.lastUsed().map(Instant::toEpochMilli).orElse(0L);
            store.put(Table.API_KEYS, key.id(), encode(key), lastUsed);
        } catch (StoreException e) {
            throw new StoreUnavailableException("the key could not be stored", e);
        }
        memory.put(key);
    }

    @Override
    public Optional<ApiKey> find(String id) {
        requireOpen();
        return memory.find(id);
    }

    @Override
    public List<ApiKey> all() {
        requireOpen();
        return memory.all();
    }

    @Override
    public void touched(String id, Instant when) {
        if (memory.find(id).isPresent()) {
            memory.touched(id, when);
            used.merge(id, when.toEpochMilli(), Math::max);
        }
    }

    @Override
    public void onChange(Runnable listener) {
        memory.onChange(listener);
    }

    /** Writes the last uses noted since the last call. */
    public synchronized void flush() {
        Map<String, Long> batch = Map.copyOf(used);
        if (batch.isEmpty()) {
            return;
        }
        store.used(Table.API_KEYS, batch);
        batch.forEach(used::remove);
    }

    @Override
    public synchronized void close() {
        if (open) {
            flush();
            open = false;
        }
    }

    private void requireOpen() {
        if (!open) {
            throw new StoreUnavailableException("the control store is closed", null);
        }
    }

    /** A key as a record; {@link #decode} reads it. When it was last used is kept beside it. */
    public static byte[] encode(ApiKey key) {
        ObjectNode node = RecordJson.object();
        node.put("principal", key.principal());
        node.put("kind", key.kind().name());
        node.put("tenant", key.tenant());
        RecordJson.texts(node, "roles", names(key.roles()));
        RecordJson.texts(node, "models", key.models().stream().map(Glob::pattern).toList());
        KeyLimits limits = key.limits();
        RecordJson.texts(node, "sources", limits.sources().stream().map(Cidr::toString).toList());
        limits.tokens().ifPresent(tokens -> node.put("tokens", tokens.toString()));
        limits.requests().ifPresent(requests -> node.put("requests", requests.toString()));
        node.put("issued", key.issued().toString());
        node.put("expires", key.expires().toString());
        key.revoked().ifPresent(when -> node.put("revoked", when.toString()));
        key.replacedBy().ifPresent(id -> node.put("replaced_by", id));
        node.put("note", key.note());
        node.put("hash", Base64.getEncoder().encodeToString(key.hash()));
        return RecordJson.bytes(node);
    }

    private static ApiKey decode(Row row) {
        return decode(
                row.id(),
                row.record(),
                row.lastUsed() == 0
                        ? Optional.empty()
                        : Optional.of(Instant.ofEpochMilli(row.lastUsed())));
    }

    /** The key of a record. */
    public static ApiKey decode(String id, byte[] record, Optional<Instant> lastUsed) {
        JsonNode node = RecordJson.parse(record);
        return new ApiKey(
                id,
                RecordJson.text(node, "principal"),
                Principal.Kind.valueOf(RecordJson.text(node, "kind")),
                RecordJson.text(node, "tenant"),
                roles(RecordJson.texts(node, "roles")),
                RecordJson.texts(node, "models").stream().map(Glob::new).toList(),
                limits(node),
                RecordJson.instant(node, "issued"),
                RecordJson.instant(node, "expires"),
                RecordJson.optionalInstant(node, "revoked"),
                RecordJson.optionalText(node, "replaced_by"),
                lastUsed,
                RecordJson.text(node, "note"),
                Base64.getDecoder().decode(RecordJson.text(node, "hash")));
    }

    // Keys stored before there were limits have none.
    private static KeyLimits limits(JsonNode node) {
        List<String> sources = node.has("sources") ? RecordJson.texts(node, "sources") : List.of();
        return new KeyLimits(
                sources.stream().map(Cidr::parse).toList(),
                RecordJson.optionalText(node, "tokens").map(Allowance::parse),
                RecordJson.optionalText(node, "requests").map(Allowance::parse));
    }

    static List<String> names(Collection<Role> roles) {
        return roles.stream().map(Role::wireName).toList();
    }

    static Set<Role> roles(List<String> names) {
        return names.stream().map(SqlApiKeyStore::role).collect(Collectors.toUnmodifiableSet());
    }

    static Role role(String name) {
        return Role.ofWireName(name)
                .orElseThrow(
                        () -> new StoreException("a stored role is unknown: `" + name + "`", null));
    }
}
