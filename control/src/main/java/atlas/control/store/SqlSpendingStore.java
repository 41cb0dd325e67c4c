package atlas.control.store;

import atlas.control.store.ControlStore.Row;
import atlas.control.store.ControlStore.Table;
import atlas.identity.StoreUnavailableException;
import atlas.identity.spending.Spending;
import atlas.identity.spending.Spending.Spent;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What keys have spent, in the control store, held whole in memory. Reading never touches the disk;
 * a write is on disk when the call returns. Thread-safe.
 */
public final class SqlSpendingStore implements Spending.Store {
    private final ControlStore store;
    private final Map<String, Spent> memory = new ConcurrentHashMap<>();

    public SqlSpendingStore(ControlStore store) {
        this.store = store;
        for (Row row : store.all(Table.KEY_SPENDING)) {
            JsonNode node = RecordJson.parse(row.record());
            memory.put(
                    row.id(),
                    new Spent(node.required("period").asLong(), node.required("tokens").asLong()));
        }
    }

    @Override
    public Optional<Spent> find(String keyId) {
        return Optional.ofNullable(memory.get(keyId));
    }

    @Override
    public void put(String keyId, Spent spent) {
        ObjectNode node = RecordJson.object();
        node.put("period", spent.period());
        node.put("tokens", spent.tokens());
        try {
            store.put(Table.KEY_SPENDING, keyId, RecordJson.bytes(node));
        } catch (StoreException e) {
            throw new StoreUnavailableException("spending could not be stored", e);
        }
        memory.put(keyId, spent);
    }
}
