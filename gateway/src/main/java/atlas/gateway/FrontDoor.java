package atlas.gateway;

import atlas.gateway.openai.Operation;
import atlas.runtime.http.Exchange;
import atlas.runtime.http.Handler;
import java.util.Optional;

/** Leads each exchange to its journey; every one of them, and the lack of one, asks who it is. */
final class FrontDoor implements Handler {
    private final Gate gate;
    private final RequestJourney requests;
    private final ModelsJourney models;
    private final ReceiptJourney receipts;
    private final Exit exit;

    FrontDoor(
            Gate gate,
            RequestJourney requests,
            ModelsJourney models,
            ReceiptJourney receipts,
            Exit exit) {
        this.gate = gate;
        this.requests = requests;
        this.models = models;
        this.receipts = receipts;
        this.exit = exit;
    }

    @Override
    public void handle(Exchange exchange) {
        String path = exchange.path();
        Optional<Operation> operation = Operation.at(path);
        if (operation.isPresent()) {
            requests.travel(exchange, operation.get());
        } else if (path.equals(ModelsJourney.PATH) || path.startsWith(ModelsJourney.PATH + "/")) {
            models.travel(exchange);
        } else if (path.startsWith(ReceiptJourney.PATH)) {
            receipts.travel(exchange);
        } else {
            nowhere(exchange);
        }
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
