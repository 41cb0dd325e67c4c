package atlas.control.witness;

import atlas.core.crypto.KeyUnavailableException;
import atlas.journal.JournalException;
import atlas.journal.witness.Witness;
import atlas.journal.witness.WitnessDoor;
import atlas.runtime.http.Exchange;
import atlas.runtime.http.Handler;
import atlas.runtime.http.Headers;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * What a witness answers over HTTP, to anybody: a cosignature over what is provably consistent, the
 * checkpoint it cosigned last, or a refusal. There is nothing else here to ask for.
 */
public final class WitnessPages implements Handler {
    private static final String ADD = "/add-checkpoint";
    private static final String CHECKPOINT = "/checkpoint";
    private static final int HASH_DIGITS = 64;
    private static final String TEXT = "text/plain; charset=utf-8";

    private final Witness witness;

    public WitnessPages(Witness witness) {
        this.witness = witness;
    }

    @Override
    public void handle(Exchange exchange) {
        if (exchange.path().equals(ADD)) {
            if (exchange.method().equals("POST")) {
                add(exchange);
            } else {
                text(exchange, 405, Headers.of("allow", "POST"), "only POST is answered here\n");
            }
            return;
        }
        Optional<byte[]> note = origin(exchange.path()).flatMap(witness::latest);
        if (note.isEmpty()) {
            text(exchange, 404, Headers.none(), "there is no such page\n");
        } else if (!exchange.method().equals("GET")) {
            text(exchange, 405, Headers.of("allow", "GET"), "only GET is answered here\n");
        } else {
            exchange.respond(
                    200, Headers.of("content-type", TEXT, "cache-control", "no-cache"), note.get());
        }
    }

    private void add(Exchange exchange) {
        try {
            WitnessDoor.Reply reply = witness.answer(exchange.body());
            exchange.respond(
                    reply.status(), Headers.of("content-type", reply.mediaType()), reply.body());
        } catch (JournalException e) {
            text(exchange, 503, Headers.none(), e.getMessage() + "\n");
        } catch (KeyUnavailableException e) {
            // Whoever holds them is none of a stranger's concern.
            text(exchange, 503, Headers.none(), "the witness's keys are withheld now\n");
        }
    }

    /** The hash in {@code /<hash>/checkpoint}. */
    private static Optional<String> origin(String path) {
        boolean shaped =
                path.length() == 1 + HASH_DIGITS + CHECKPOINT.length()
                        && path.startsWith("/")
                        && path.endsWith(CHECKPOINT);
        if (!shaped) {
            return Optional.empty();
        }
        String hash = path.substring(1, 1 + HASH_DIGITS);
        boolean hex = hash.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
        return hex ? Optional.of(hash) : Optional.empty();
    }

    private static void text(Exchange exchange, int status, Headers headers, String text) {
        exchange.respond(
                status,
                headers.with("content-type", TEXT).with("cache-control", "no-store"),
                text.getBytes(StandardCharsets.UTF_8));
    }
}
