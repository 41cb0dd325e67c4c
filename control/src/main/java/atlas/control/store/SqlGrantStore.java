package atlas.control.store;

import atlas.control.store.ControlStore.Row;
import atlas.control.store.ControlStore.Table;
import atlas.core.Glob;
import atlas.core.Role;
import atlas.policy.Grant;
import atlas.policy.GrantStore;
import atlas.policy.MemoryGrantStore;
import atlas.policy.PolicyException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.OptionalLong;

/**
 * Role grants in the control store, held whole in memory.
 *
 * <p>Promises: reading never touches the disk; a change is on disk before it is seen, and seen by
 * every reader when the call returns. Row ids are keyed hashes, so the file does not tell who holds
 * a grant. Thread-safe.
 */
public final class SqlGrantStore implements GrantStore {
    private final ControlStore store;
    private final MemoryGrantStore memory;

    public SqlGrantStore(ControlStore store) {
        this.store = store;
        this.memory =
                new MemoryGrantStore(
                        store.all(Table.GRANTS).stream().map(SqlGrantStore::decode).toList());
    }

    @Override
    public List<Grant> of(String principal) {
        return memory.of(principal);
    }

    @Override
    public List<Grant> all() {
        return memory.all();
    }

    @Override
    public synchronized void put(Grant grant) {
        // The memory store judges a grant; a copy is asked first, for the table is written first.
        new MemoryGrantStore(memory.all()).put(grant);
        write(() -> store.put(Table.GRANTS, rowId(grant.principal(), grant.role()), encode(grant)));
        memory.put(grant);
    }

    @Override
    public synchronized boolean remove(String principal, Role role) {
        write(() -> store.remove(Table.GRANTS, rowId(principal, role)));
        return memory.remove(principal, role);
    }

    @Override
    public OptionalLong version() {
        return memory.version();
    }

    @Override
    public void onChange(Runnable listener) {
        memory.onChange(listener);
    }

    private static void write(Runnable change) {
        try {
            change.run();
        } catch (StoreException e) {
            throw new PolicyException("the grant could not be stored", e);
        }
    }

    private String rowId(String principal, Role role) {
        return store.blindId(role.wireName() + "\n" + principal);
    }

    /** A grant as a record; {@link #decode(byte[])} reads it. */
    public static byte[] encode(Grant grant) {
        ObjectNode node = RecordJson.object();
        node.put("principal", grant.principal());
        node.put("role", grant.role().wireName());
        RecordJson.texts(node, "models", grant.models().stream().map(Glob::pattern).toList());
        node.put("tenant", grant.tenant());
        grant.expires().ifPresent(when -> node.put("expires", when.toString()));
        return RecordJson.bytes(node);
    }

    private static Grant decode(Row row) {
        return decode(row.record());
    }

    /** The grant of a record. */
    public static Grant decode(byte[] record) {
        JsonNode node = RecordJson.parse(record);
        return new Grant(
                RecordJson.text(node, "principal"),
                SqlApiKeyStore.role(RecordJson.text(node, "role")),
                RecordJson.texts(node, "models").stream().map(Glob::new).toList(),
                RecordJson.text(node, "tenant"),
                RecordJson.optionalInstant(node, "expires"));
    }
}
