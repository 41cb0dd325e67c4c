package atlas.control.api;

import atlas.control.store.AlertBook;
import atlas.policy.Action;
import atlas.watch.Watch;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Alerts: list, and say that somebody has seen one. */
final class AlertRoutes {
    private final AlertBook book;
    private final Watch watch;
    private final Clock clock;

    AlertRoutes(AlertBook book, Watch watch, Clock clock) {
        this.book = book;
        this.watch = watch;
        this.clock = clock;
    }

    List<Route> routes() {
        return List.of(
                Route.read(
                        "/api/v1/alerts",
                        Action.ALERT_READ,
                        "alert",
                        "alerts, newest first",
                        _ ->
                                Reply.ok(
                                        Views.list(
                                                "alerts",
                                                book.all().stream()
                                                        .map(AlertRoutes::view)
                                                        .toList()))),
                Route.act(
                        "POST",
                        "/api/v1/alerts/{id}/ack",
                        Action.ALERT_ACK,
                        "alert",
                        "say that the alert has been seen",
                        this::acknowledge),
                Route.act(
                        "POST",
                        "/api/v1/alerts/{id}/false-positive",
                        Action.ALERT_ACK,
                        "alert",
                        "say that there was nothing; its rule is slower to speak of this principal",
                        this::dismiss));
    }

    private Act acknowledge(Call call) throws Refusal {
        String id = call.variable("id");
        AlertBook.Filed filed =
                book.find(id).orElseThrow(() -> Problems.notFound("no alert `" + id + "`"));
        return new Act(
                "alert:" + id,
                Map.of(),
                Map.of("acknowledged_by", call.caller().id()),
                () -> {
                    watch.ack(id, call.caller().id());
                    return Act.Done.with(
                            Reply.ok(
                                    view(
                                            book.acknowledge(
                                                            id, call.caller().id(), clock.instant())
                                                    .orElse(filed))));
                });
    }

    private Act dismiss(Call call) throws Refusal {
        String id = call.variable("id");
        AlertBook.Filed filed =
                book.find(id).orElseThrow(() -> Problems.notFound("no alert `" + id + "`"));
        return new Act(
                "alert:" + id,
                Map.of("false_positive", filed.falsePositive()),
                Map.of("false_positive", true, "by", call.caller().id()),
                () -> {
                    watch.ack(id, call.caller().id());
                    if (!filed.falsePositive()) {
                        watch.tolerate(filed.alert());
                    }
                    return Act.Done.with(
                            Reply.ok(
                                    view(
                                            book.dismiss(id, call.caller().id(), clock.instant())
                                                    .orElse(filed))));
                });
    }

    private static Map<String, Object> view(AlertBook.Filed filed) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("id", filed.alert().alertId());
        view.put("rule", filed.alert().rule());
        view.put("severity", filed.alert().severity());
        view.put("principal", filed.alert().principal());
        view.put("explanation", filed.alert().explanation());
        view.put("evidence", filed.alert().evidence());
        view.put("raised", filed.raised().toString());
        Views.put(view, "acknowledged_by", filed.acknowledgedBy());
        Views.put(view, "acknowledged", filed.acknowledged());
        if (filed.falsePositive()) {
            view.put("false_positive", true);
        }
        return view;
    }
}
