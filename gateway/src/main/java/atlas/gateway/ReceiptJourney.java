package atlas.gateway;

import atlas.core.Principal;
import atlas.core.json.Json;
import atlas.journal.JournalEntry;
import atlas.journal.JournalEntry.Evidence;
import atlas.journal.JournalException;
import atlas.runtime.http.Exchange;
import atlas.runtime.http.Headers;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives a caller the receipt of its own request: the entries of its intent and outcome, what they
 * are committed to, an inclusion proof each, and a signature over all of it; checkable offline
 * against the published verifier key. What was erased gets none.
 */
final class ReceiptJourney {
    static final String PATH = "/v1/receipts/";

    private static final Logger LOG = LoggerFactory.getLogger(ReceiptJourney.class);

    private static final int MAX_ID = 64;

    private final Gate gate;
    private final GatewayParts.Receipts receipts;
    private final Exit exit;

    ReceiptJourney(Gate gate, GatewayParts.Receipts receipts, Exit exit) {
        this.gate = gate;
        this.receipts = receipts;
        this.exit = exit;
    }

    /** What an entry says of itself, as far as a receipt repeats it. */
    private record Fact(JournalEntry entry, String principal, String tenant, String digest) {}

    List<Way> ways() {
        return List.of(Way.of("GET", PATH + "{request...}", this::travel));
    }

    void travel(Exchange exchange) {
        Trip trip = new Trip(exchange, "receipts", System.nanoTime());
        try {
            Principal caller = gate.enter(trip);
            Bodies.requireMethod(exchange, "GET");
            String id = exchange.path().substring(PATH.length());
            byte[] body = receipt(id, own(caller, id));
            exchange.respond(200, Headers.of("content-type", "application/json"), body);
            exit.answered(trip);
        } catch (Refused refused) {
            exit.refuse(trip, refused);
        } catch (RuntimeException fault) {
            exit.fail(trip, fault);
        }
    }

    /** The caller's entries of that request; somebody else's look like none. */
    private List<Fact> own(Principal caller, String id) throws Refused {
        List<Fact> facts = new ArrayList<>(2);
        if (id.length() <= MAX_ID && id.startsWith("req_")) {
            for (JournalEntry entry : receipts.find(id)) {
                if (!entry.kind().equals("inference.intent")
                        && !entry.kind().equals("inference.outcome")) {
                    continue;
                }
                Fact fact = fact(entry);
                if (fact.principal().equals(caller.id()) && fact.tenant().equals(caller.tenant())) {
                    facts.add(fact);
                }
            }
        }
        if (facts.isEmpty()) {
            throw new Refused(Refusal.RECEIPT_NOT_FOUND, "none for this caller");
        }
        return facts;
    }

    private byte[] receipt(String id, List<Fact> facts) {
        List<Evidence> shown = new ArrayList<>();
        return Json.bytes(out -> {
            out.writeStartObject();
            out.writeStringField("object", "atlas.receipt");
            out.writeStringField("request_id", id);
            for (Fact fact : facts) {
                boolean intent = fact.entry().kind().equals("inference.intent");
                out.writeObjectFieldStart(intent ? "intent" : "outcome");
                write(fact, intent ? "request_sha256" : "response_sha256", out);
                receipts.evidence(fact.entry().index())
                        .ifPresent(evidence -> {
                            shown.add(evidence);
                            write(evidence, out);
                        });
                out.writeEndObject();
            }
            out.writeStringField("signed", receipts.sign(id, shown));
            out.writeEndObject();
        });
    }

    private void write(Fact fact, String digestName, JsonGenerator out) throws IOException {
        JournalEntry entry = fact.entry();
        out.writeNumberField("index", entry.index());
        out.writeStringField("recorded", entry.when().toString());
        out.writeStringField("leaf_hash", entry.leafHash().hex());
        if (!fact.digest().isEmpty()) {
            out.writeStringField(digestName, fact.digest());
        }
        try {
            out.writeStringField("proof", receipts.prove(entry.index()));
        } catch (JournalException e) {
            // The signature alone is a promise; the proof comes once there is a checkpoint.
            LOG.atWarn().setCause(e).addKeyValue("entry", entry.index()).log("no proof yet");
        }
    }

    private static void write(Evidence evidence, JsonGenerator out) {
        Base64.Encoder base64 = Base64.getEncoder();
        String statement = new String(evidence.statement(), StandardCharsets.UTF_8);
        try {
            out.writeStringField("statement", statement);
            out.writeStringField("salt", base64.encodeToString(evidence.salt()));
            out.writeStringField("entry", base64.encodeToString(evidence.entry()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Fact fact(JournalEntry entry) {
        String principal = "";
        String tenant = "";
        String digest = "";
        try (JsonParser in = Json.factory().createParser(entry.json())) {
            in.nextToken();
            while (in.nextToken() == JsonToken.FIELD_NAME) {
                String name = in.currentName();
                JsonToken token = in.nextToken();
                if (token == JsonToken.START_OBJECT && name.equals("actor")) {
                    while (in.nextToken() == JsonToken.FIELD_NAME) {
                        String field = in.currentName();
                        @Nullable String value = in.nextTextValue();
                        principal = field.equals("principal") ? String.valueOf(value) : principal;
                        tenant = field.equals("tenant") ? String.valueOf(value) : tenant;
                    }
                } else if (token == JsonToken.START_OBJECT
                        && (name.equals("prompt") || name.equals("answer"))) {
                    while (in.nextToken() == JsonToken.FIELD_NAME) {
                        boolean sha = in.currentName().equals("sha256");
                        in.nextToken();
                        digest = sha ? in.getText() : digest;
                    }
                } else {
                    in.skipChildren();
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("an entry of the journal is not JSON", e);
        }
        return new Fact(entry, principal, tenant, digest);
    }
}
