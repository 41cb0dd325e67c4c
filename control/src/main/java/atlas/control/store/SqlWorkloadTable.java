package atlas.control.store;

import atlas.control.enrol.Invitation;
import atlas.control.enrol.Workload;
import atlas.control.enrol.WorkloadTable;
import atlas.control.store.ControlStore.Row;
import atlas.control.store.ControlStore.Table;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Base64;
import java.util.List;

/** Invitations and joined workloads in the control store. Thread-safe; blocks on disk. */
public final class SqlWorkloadTable implements WorkloadTable {
    private static final String BARRED = "barred";

    private final ControlStore store;

    public SqlWorkloadTable(ControlStore store) {
        this.store = store;
    }

    @Override
    public List<Invitation> invitations() {
        return store.all(Table.JOIN_TOKENS).stream().map(SqlWorkloadTable::invitation).toList();
    }

    @Override
    public void put(Invitation invitation) {
        ObjectNode node = RecordJson.object();
        node.put("role", invitation.role().wireName());
        node.put("name", invitation.name());
        RecordJson.texts(node, "server_names", invitation.serverNames());
        node.put("hash", Base64.getEncoder().encodeToString(invitation.hash()));
        node.put("expires", invitation.expires().toString());
        store.put(Table.JOIN_TOKENS, invitation.id(), RecordJson.bytes(node));
    }

    @Override
    public boolean removeInvitation(String id) {
        return store.remove(Table.JOIN_TOKENS, id);
    }

    @Override
    public List<Workload> workloads() {
        return kept(false);
    }

    @Override
    public List<Workload> barred() {
        return kept(true);
    }

    private List<Workload> kept(boolean barred) {
        return store.all(Table.WORKLOADS).stream()
                .filter(row -> RecordJson.parse(row.record()).has(BARRED) == barred)
                .map(SqlWorkloadTable::workload)
                .toList();
    }

    @Override
    public void put(Workload workload) {
        store.put(
                Table.WORKLOADS,
                store.blindId(workload.path()),
                RecordJson.bytes(described(workload)));
    }

    @Override
    public void bar(Workload workload) {
        ObjectNode node = described(workload);
        node.put(BARRED, true);
        store.put(Table.WORKLOADS, store.blindId(workload.path()), RecordJson.bytes(node));
    }

    private static ObjectNode described(Workload workload) {
        ObjectNode node = RecordJson.object();
        node.put("role", workload.role().wireName());
        node.put("name", workload.name());
        RecordJson.texts(node, "server_names", workload.serverNames());
        node.put("joined", workload.joined().toString());
        return node;
    }

    @Override
    public boolean remove(Workload workload) {
        return store.remove(Table.WORKLOADS, store.blindId(workload.path()));
    }

    private static Invitation invitation(Row row) {
        JsonNode node = RecordJson.parse(row.record());
        return new Invitation(
                row.id(),
                role(node),
                RecordJson.text(node, "name"),
                RecordJson.texts(node, "server_names"),
                Base64.getDecoder().decode(RecordJson.text(node, "hash")),
                RecordJson.instant(node, "expires"));
    }

    private static Workload workload(Row row) {
        JsonNode node = RecordJson.parse(row.record());
        return new Workload(
                role(node),
                RecordJson.text(node, "name"),
                RecordJson.texts(node, "server_names"),
                RecordJson.instant(node, "joined"));
    }

    private static Workload.Role role(JsonNode node) {
        String name = RecordJson.text(node, "role");
        return Workload.Role.ofWireName(name)
                .orElseThrow(
                        () -> new StoreException("a stored role is unknown: `" + name + "`", null));
    }
}
