package atlas.control.store;

import atlas.control.store.ControlStore.Row;
import atlas.control.store.ControlStore.Table;
import atlas.identity.StoreUnavailableException;
import atlas.identity.revocation.Revocations;
import atlas.identity.revocation.Revocations.Revocation;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Collection;
import java.util.List;

/**
 * Revocations in the control store, read once at start. Row ids are keyed hashes, so the file does
 * not tell whose credentials were taken back. Thread-safe; blocks on disk.
 */
public final class SqlRevocationStore implements Revocations.Store {
    private final ControlStore store;

    public SqlRevocationStore(ControlStore store) {
        this.store = store;
    }

    @Override
    public List<Revocation> all() {
        return store.all(Table.REVOCATIONS).stream().map(SqlRevocationStore::decode).toList();
    }

    @Override
    public void put(Revocation revocation) {
        try {
            store.put(Table.REVOCATIONS, rowId(revocation), encode(revocation));
        } catch (StoreException e) {
            throw new StoreUnavailableException("the revocation could not be stored", e);
        }
    }

    @Override
    public void forget(Collection<Revocation> ended) {
        try {
            ended.forEach(revocation -> store.remove(Table.REVOCATIONS, rowId(revocation)));
        } catch (StoreException e) {
            throw new StoreUnavailableException("old revocations could not be removed", e);
        }
    }

    private String rowId(Revocation revocation) {
        return store.blindId(
                revocation.kind().wireName() + "\n" + revocation.tenant() + "\n" + revocation.id());
    }

    private static byte[] encode(Revocation revocation) {
        ObjectNode node = RecordJson.object();
        node.put("kind", revocation.kind().wireName());
        node.put("tenant", revocation.tenant());
        node.put("id", revocation.id());
        node.put("since", revocation.since().toString());
        node.put("until", revocation.until().toString());
        node.put("epoch", Long.toString(revocation.epoch()));
        node.put("reason", revocation.reason());
        return RecordJson.bytes(node);
    }

    private static Revocation decode(Row row) {
        JsonNode node = RecordJson.parse(row.record());
        return new Revocation(
                Revocation.Kind.ofWireName(RecordJson.text(node, "kind")).orElseThrow(),
                RecordJson.text(node, "tenant"),
                RecordJson.text(node, "id"),
                Instant.parse(RecordJson.text(node, "since")),
                Instant.parse(RecordJson.text(node, "until")),
                Long.parseLong(RecordJson.text(node, "epoch")),
                RecordJson.text(node, "reason"));
    }
}
