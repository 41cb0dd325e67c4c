package atlas.control.store;

import atlas.control.store.ControlStore.Row;
import atlas.control.store.ControlStore.Table;
import atlas.core.AuditEvent.AlertRaised;
import atlas.core.Principal;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Alerts that were raised and who has seen them, over restarts. The oldest seen ones go when there
 * are too many. Thread-safe; writing blocks on disk.
 */
public final class AlertBook {
    private static final int KEPT = 2000;

    private final ControlStore store;
    private final Map<String, Filed> alerts = new LinkedHashMap<>();
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

    /** An alert as filed; who acknowledged it may have said that it was none. */
    public record Filed(
            AlertRaised alert,
            Instant raised,
            Optional<String> acknowledgedBy,
            Optional<Instant> acknowledged,
            boolean falsePositive) {}

    public AlertBook(ControlStore store) {
        this.store = store;
        for (Row row : store.all(Table.ALERTS)) {
            alerts.put(row.id(), decode(row));
        }
    }

    /** Files a new alert; one already filed is left as it is. */
    public synchronized void file(AlertRaised alert, Instant when) {
        if (alerts.containsKey(alert.alertId())) {
            return;
        }
        if (alerts.size() >= KEPT) {
            forgetOne();
        }
        save(new Filed(alert, when, Optional.empty(), Optional.empty(), false));
    }

    /** Runs {@code listener} after every change; it must not block for long. */
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }

    /** Newest first. */
    public synchronized List<Filed> all() {
        List<Filed> newest = new ArrayList<>(alerts.values());
        newest.sort(Comparator.comparing(Filed::raised).reversed());
        return newest;
    }

    public synchronized Optional<Filed> find(String id) {
        return Optional.ofNullable(alerts.get(id));
    }

    /** Notes who has seen it; the first to say so stands. */
    public synchronized Optional<Filed> acknowledge(String id, String by, Instant when) {
        Filed filed = alerts.get(id);
        if (filed != null && filed.acknowledgedBy().isEmpty()) {
            filed =
                    new Filed(
                            filed.alert(),
                            filed.raised(),
                            Optional.of(by),
                            Optional.of(when),
                            false);
            save(filed);
        }
        return Optional.ofNullable(filed);
    }

    /** Notes that there was nothing; whoever acknowledged it first stands. */
    public synchronized Optional<Filed> dismiss(String id, String by, Instant when) {
        Optional<Filed> filed = acknowledge(id, by, when);
        if (filed.isEmpty() || filed.get().falsePositive()) {
            return filed;
        }
        Filed known = filed.get();
        Filed dismissed =
                new Filed(
                        known.alert(),
                        known.raised(),
                        known.acknowledgedBy(),
                        known.acknowledged(),
                        true);
        save(dismissed);
        return Optional.of(dismissed);
    }

    private void save(Filed filed) {
        store.put(Table.ALERTS, filed.alert().alertId(), encode(filed));
        alerts.put(filed.alert().alertId(), filed);
        listeners.forEach(Runnable::run);
    }

    private void forgetOne() {
        String victim =
                alerts.values().stream()
                        .min(
                                Comparator.comparing((Filed f) -> f.acknowledgedBy().isEmpty())
                                        .thenComparing(Filed::raised))
                        .orElseThrow()
                        .alert()
                        .alertId();
        store.remove(Table.ALERTS, victim);
        alerts.remove(victim);
    }

    private static byte[] encode(Filed filed) {
        AlertRaised alert = filed.alert();
        ObjectNode node = RecordJson.object();
        node.put("rule", alert.rule());
        node.put("severity", alert.severity());
        node.put("tenant", alert.tenant());
        node.put("principal", alert.principal());
        node.put("explanation", alert.explanation());
        ArrayNode evidence = node.putArray("evidence");
        alert.evidence().forEach(evidence::add);
        node.put("raised", filed.raised().toString());
        filed.acknowledgedBy().ifPresent(by -> node.put("acknowledged_by", by));
        filed.acknowledged().ifPresent(when -> node.put("acknowledged", when.toString()));
        if (filed.falsePositive()) {
            node.put("false_positive", true);
        }
        return RecordJson.bytes(node);
    }

    private static Filed decode(Row row) {
        JsonNode node = RecordJson.parse(row.record());
        List<Long> evidence = new ArrayList<>();
        node.required("evidence").forEach(index -> evidence.add(index.asLong()));
        return new Filed(
                new AlertRaised(
                        row.id(),
                        RecordJson.text(node, "rule"),
                        RecordJson.text(node, "severity"),
                        RecordJson.optionalText(node, "tenant").orElse(Principal.DEFAULT_TENANT),
                        RecordJson.text(node, "principal"),
                        RecordJson.text(node, "explanation"),
                        evidence),
                RecordJson.instant(node, "raised"),
                RecordJson.optionalText(node, "acknowledged_by"),
                RecordJson.optionalInstant(node, "acknowledged"),
                node.path("false_positive").asBoolean());
    }
}
