package atlas.gateway;

import atlas.core.AuditEvent.ModelIdentity;
import atlas.core.Principal;
import atlas.core.json.Json;
import atlas.policy.Action;
import atlas.policy.Circumstances;
import atlas.policy.Decision;
import atlas.policy.Decision.Deny;
import atlas.policy.Decision.Permit;
import atlas.policy.Resource;
import atlas.registry.Admission;
import atlas.registry.ModelVersion;
import atlas.runtime.http.Exchange;
import atlas.runtime.http.Headers;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Tells a caller which models it may use; of others it learns nothing, not even that they exist.
 */
final class ModelsJourney {
    static final String PATH = "/v1/models";

    private final Gate gate;
    private final Rooms rooms;
    private final Map<String, Served.Remote> engines;
    private final Exit exit;

    ModelsJourney(Gate gate, Rooms rooms, Map<String, Served.Remote> engines, Exit exit) {
        this.gate = gate;
        this.rooms = rooms;
        this.engines = new TreeMap<>(engines);
        this.exit = exit;
    }

    /** A model the caller may use. */
    private record Shown(Served model, long created) {}

    List<Way> ways() {
        return List.of(
                Way.of("GET", PATH, this::travel),
                Way.of("GET", PATH + "/{model...}", this::travel));
    }

    void travel(Exchange exchange) {
        Trip trip = new Trip(exchange, "models", System.nanoTime());
        try {
            Principal caller = gate.enter(trip);
            Bodies.requireMethod(exchange, "GET");
            Permit permit = decide(trip, caller);
            byte[] body =
                    exchange.path().equals(PATH)
                            ? all(trip, permit)
                            : one(trip, permit, exchange.path().substring(PATH.length() + 1));
            exchange.respond(200, Headers.of("content-type", "application/json"), body);
            exit.answered(trip);
        } catch (Refused refused) {
            exit.refuse(trip, refused);
        } catch (RuntimeException fault) {
            exit.fail(trip, fault);
        }
    }

    private Permit decide(Trip trip, Principal caller) throws Refused {
        trip.at(Step.DECIDE);
        Resource models = new Resource(Resource.MODEL, Resource.ANY, caller.tenant());
        return switch (rooms.policy()
                .decide(
                        caller,
                        Action.MODEL_LIST,
                        models,
                        Circumstances.from(trip.exchange().source()))) {
            case Permit permit -> permit;
            case Deny(String reason, String _, var _) ->
                    throw new Refused(Refusal.FORBIDDEN, reason);
        };
    }

    private byte[] all(Trip trip, Permit permit) throws Refused {
        List<Shown> shown = new ArrayList<>();
        for (ModelVersion version : rooms.registry().list()) {
            if (version.state() == ModelVersion.State.DEPLOYED
                    && rooms.registry().admit(version.ref().name())
                            instanceof Admission.Admitted admitted
                    && mayUse(trip, permit, version.ref().name())) {
                shown.add(new Shown(new Served.Verified(admitted), seconds(version)));
            }
        }
        for (Served.Remote engine : engines.values()) {
            String name = engine.engine().model();
            boolean known = shown.stream().anyMatch(s -> nameOf(s.model()).equals(name));
            if (!known && mayUse(trip, permit, name)) {
                shown.add(new Shown(engine, 0));
            }
        }
        return Json.bytes(out -> {
            out.writeStartObject();
            out.writeStringField("object", "list");
            out.writeArrayFieldStart("data");
            for (Shown model : shown) {
                write(model, out);
            }
            out.writeEndArray();
            out.writeEndObject();
        });
    }

    private byte[] one(Trip trip, Permit permit, String name) throws Refused {
        if (!mayUse(trip, permit, name)) {
            throw new Refused(Refusal.MODEL_NOT_FOUND, "not permitted");
        }
        Served.Remote engine = engines.get(name);
        Shown shown =
                switch (rooms.registry().admit(name)) {
                    case Admission.Admitted admitted ->
                            new Shown(new Served.Verified(admitted), seconds(admitted.version()));
                    case Admission.NotAdmitted _ when engine != null -> new Shown(engine, 0);
                    case Admission.NotAdmitted(String reason) ->
                            throw new Refused(Refusal.MODEL_NOT_FOUND, reason);
                };
        return Json.bytes(out -> write(shown, out));
    }

    private boolean mayUse(Trip trip, Permit permit, String name) throws Refused {
        Principal caller = permit.principal();
        Resource model = new Resource(Resource.MODEL, name, caller.tenant());
        Candidate candidate = new Candidate(rooms.registry(), engines.get(name), name);
        Decision decision =
                rooms.policy()
                        .decide(
                                caller,
                                Action.MODEL_INFER,
                                model,
                                Asking.atAll(trip.exchange(), candidate));
        return switch (decision) {
            case Permit _ -> true;
            case Deny _ -> false;
        };
    }

    private static String nameOf(Served model) {
        return model.identity().ref().name();
    }

    private static long seconds(ModelVersion version) {
        return version.pushed().getEpochSecond();
    }

    private static void write(Shown shown, JsonGenerator out) throws IOException {
        ModelIdentity identity = shown.model().identity();
        out.writeStartObject();
        out.writeStringField("id", identity.ref().name());
        out.writeStringField("object", "model");
        out.writeNumberField("created", shown.created());
        out.writeStringField("owned_by", "atlas");
        out.writeObjectFieldStart("atlas");
        boolean verified =
                switch (shown.model()) {
                    case Served.Verified _ -> true;
                    case Served.Remote _ -> false;
                };
        out.writeBooleanField("verified", verified);
        if (verified) {
            out.writeNumberField("version", identity.ref().version());
            out.writeStringField("digest", "sha256:" + identity.rootDigest().hex());
        }
        out.writeStringField("signer", identity.signer());
        out.writeEndObject();
        out.writeEndObject();
    }
}
