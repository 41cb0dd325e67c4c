package atlas.gateway;

import atlas.core.Principal;
import atlas.policy.Action;
import atlas.policy.Circumstances;
import atlas.policy.Decision;
import atlas.policy.Decision.Deny;
import atlas.policy.Decision.Permit;
import atlas.policy.Resource;
import atlas.runtime.http.Exchange;
import atlas.runtime.http.Headers;
import atlas.watch.Metrics;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Gives the numbers of this gateway to who may read them, with a credential like everything. */
final class MetricsJourney {
    static final String PATH = "/metrics";

    private final Gate gate;
    private final Rooms rooms;
    private final Metrics metrics;
    private final Exit exit;

    MetricsJourney(Gate gate, Rooms rooms, Metrics metrics, Exit exit) {
        this.gate = gate;
        this.rooms = rooms;
        this.metrics = metrics;
        this.exit = exit;
    }

    List<Way> ways() {
        return List.of(Way.of("GET", PATH, this::travel));
    }

    void travel(Exchange exchange) {
        Trip trip = new Trip(exchange, "metrics", System.nanoTime());
        try {
            Principal caller = gate.enter(trip);
            Bodies.requireMethod(exchange, "GET");
            permit(trip, caller);
            if (!exchange.query().isEmpty()) {
                String odd = "`/metrics` takes no parameters";
                throw new Refused(Refusal.INVALID_REQUEST, odd, odd, null);
            }
            exchange.respond(
                    200,
                    Headers.of("content-type", Metrics.CONTENT_TYPE),
                    metrics.openMetrics().getBytes(StandardCharsets.UTF_8));
            exit.answered(trip);
        } catch (Refused refused) {
            exit.refuse(trip, refused);
        } catch (RuntimeException fault) {
            exit.fail(trip, fault);
        }
    }

    private void permit(Trip trip, Principal caller) throws Refused {
        trip.at(Step.DECIDE);
        Decision decision =
                rooms.policy()
                        .decide(
                                caller,
                                Action.METRICS_READ,
                                new Resource("metrics", Resource.ANY, caller.tenant()),
                                Circumstances.from(trip.exchange().source()));
        switch (decision) {
            case Permit _ -> {}
            case Deny(String reason, String _, var _) ->
                    throw new Refused(Refusal.FORBIDDEN, reason);
        }
    }
}
