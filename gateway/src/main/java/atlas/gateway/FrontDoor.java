package atlas.gateway;

import atlas.runtime.http.Exchange;
import atlas.runtime.http.Handler;
import java.util.List;

/** Leads each exchange to its journey; every one of them, and the lack of one, asks who it is. */
final class FrontDoor implements Handler {
    private final Gate gate;
    private final List<Way> ways;
    private final Exit exit;

    /**
     * @param ways each journey's own; no two may cover one path
     */
    FrontDoor(Gate gate, List<Way> ways, Exit exit) {
        this.gate = gate;
        this.ways = List.copyOf(ways);
        this.exit = exit;
    }

    /** Everything that is answered with more than a refusal, as {@code METHOD /pattern}. */
    List<String> routes() {
        return ways.stream()
                .flatMap(way -> way.methods().stream().map(m -> m + " " + way.pattern()))
                .toList();
    }

    @Override
    public void handle(Exchange exchange) {
        String path = exchange.path();
        for (Way way : ways) {
            if (way.covers(path)) {
                way.journey().accept(exchange);
                return;
            }
        }
        nowhere(exchange);
    }

    private void nowhere(Exchange exchange) {
        Trip trip = new Trip(exchange, "none", System.nanoTime());
        try {
            gate.enter(trip);
            throw new Refused(Refusal.NOT_FOUND, "no such path");
        } catch (Refused refused) {
            exit.refuse(trip, refused);
        } catch (RuntimeException fault) {
            exit.fail(trip, fault);
        }
    }
}
