package atlas.gateway;

import atlas.core.AuditEvent.GuardReport;
import atlas.core.AuditEvent.InferenceIntent;
import atlas.core.AuditEvent.ModelIdentity;
import atlas.core.AuditLog.Receipt;
import atlas.core.Principal;
import atlas.core.json.Json;
import atlas.gateway.anthropic.MessagesReader;
import atlas.gateway.openai.AnswerHead;
import atlas.gateway.openai.InferenceRequest;
import atlas.gateway.openai.InvalidRequest;
import atlas.gateway.openai.Operation;
import atlas.gateway.openai.RequestReader;
import atlas.guard.GuardSettings;
import atlas.guard.Inspection;
import atlas.policy.Action;
import atlas.policy.Circumstances;
import atlas.policy.Decision;
import atlas.policy.Decision.Deny;
import atlas.policy.Decision.Permit;
import atlas.policy.InferenceFacts;
import atlas.policy.Resource;
import atlas.runtime.LiveCalls;
import atlas.runtime.http.Exchange;
import atlas.runtime.http.Headers;
import atlas.runtime.http.UpstreamException;
import atlas.runtime.http.UpstreamResponse;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/**
 * The journey of one inference request through the gateway, top to bottom.
 *
 * <p>Each step takes what the step before it proved, so that a step cannot be skipped or reordered
 * without a compile error. Who is calling is settled before anything else is looked at; policy is
 * asked before the registry, so that a caller learns nothing about models of others. The intent is
 * on the disk before a prompt leaves the gateway, the outcome before the last byte of an answer.
 */
final class RequestJourney {
    private final Gate gate;
    private final Rooms rooms;
    private final Map<String, Served.Remote> engines;
    private final Recording recording;
    private final Answers answers;
    private final Exit exit;
    private final Allowances allowances;

    /**
     * @param engines remote engines by the model they serve
     */
    RequestJourney(
            Gate gate,
            Rooms rooms,
            Map<String, Served.Remote> engines,
            Recording recording,
            Answers answers,
            Exit exit) {
        this.gate = gate;
        this.rooms = rooms;
        this.engines = Map.copyOf(engines);
        this.recording = recording;
        this.answers = answers;
        this.exit = exit;
        this.allowances = new Allowances(rooms.identity(), rooms.spending(), rooms.clock());
    }

    /** A request that is the caller's: made by {@link #read} alone. */
    private record Asked(
            Principal caller,
            InferenceRequest request,
            Candidate model,
            Circumstances circumstances) {}

    /** A model that this caller may use, and that may serve: made by {@link #admit} alone. */
    private record Chosen(Asked asked, Permit permit, Served model) {}

    /** A request that its key's budget covers: made by {@link #afford} alone. */
    private record Afforded(Chosen chosen) {}

    /** A prompt that may go to that model: made by {@link #inspect} alone. */
    private record Inspected(Chosen chosen, GuardReport report) {}

    /** A prompt whose intent is on its way to the disk: made by {@link #record} alone. */
    private record Recorded(Inspected inspected, CompletableFuture<Receipt> intent) {}

    /** What came back for a durable intent: made by {@link #forward} alone. */
    private record Answered(Inspected inspected, Outcomes outcomes, UpstreamResponse answer) {}

    /** Where it begins: every operation of OpenAI's dialect, and messages in Anthropic's. */
    List<Way> ways() {
        Stream<Way> operations =
                Stream.of(Operation.values()).map(o -> Way.of("POST", o.path(), e -> travel(e, o)));
        Stream<Way> messages =
                Stream.of(
                        Way.of("POST", Dialect.MESSAGES, this::converse),
                        Way.of("POST", Dialect.COUNT, this::count));
        return Stream.concat(operations, messages).toList();
    }

    /** Answers one exchange, whatever happens. */
    void travel(Exchange exchange, Operation operation) {
        travel(
                new Trip(exchange, operation, System.nanoTime()),
                this::authenticate,
                body -> RequestReader.read(operation, body),
                this::serve);
    }

    /** A chat in Anthropic's words. */
    private void converse(Exchange exchange) {
        String operation = Operation.CHAT.wireName();
        travel(
                new Trip(exchange, operation, Dialect.ANTHROPIC, System.nanoTime()),
                this::authenticate,
                MessagesReader::read,
                this::serve);
    }

    /** How long a prompt is: for who may ask the model, though it is not asked. */
    private void count(Exchange exchange) {
        travel(
                new Trip(exchange, "count_tokens", Dialect.ANTHROPIC, System.nanoTime()),
                this::authenticate,
                MessagesReader::readToCount,
                this::counted);
    }

    /** The same for a caller that another journey let in a moment ago, on the same credential. */
    void travelFor(Principal caller, Exchange exchange, Operation operation) {
        travel(
                new Trip(exchange, operation, System.nanoTime()),
                trip -> {
                    trip.knows(caller);
                    return caller;
                },
                body -> RequestReader.read(operation, body),
                this::serve);
    }

    private interface Entrance {
        Principal enter(Trip trip) throws Refused;
    }

    private interface Reading {
        InferenceRequest read(byte[] body) throws InvalidRequest;
    }

    private interface Goal {
        void reach(Trip trip, Afforded afforded, long began) throws Refused;
    }

    private void travel(Trip trip, Entrance entrance, Reading reading, Goal goal) {
        long began = rooms.live().epoch();
        try {
            Principal caller = entrance.enter(trip);
            Asked asked = read(trip, caller, reading);
            Permit permit = decide(trip, asked);
            Chosen chosen = admit(trip, asked, permit);
            Afforded afforded = afford(trip, chosen);
            goal.reach(trip, afforded, began);
        } catch (Refused refused) {
            exit.refuse(trip, refused);
        } catch (RuntimeException fault) {
            exit.fail(trip, fault);
        } finally {
            // Last: an outcome that was recorded has said by now what was used.
            trip.meter().close();
        }
    }

    /** The rest of the way, on which a request stands or falls with what it was permitted by. */
    private void serve(Trip trip, Afforded afforded, long began) throws Refused {
        Chosen chosen = afforded.chosen();
        Departure departure = Departure.of(trip.exchange());
        Footing footing =
                new Footing(
                        rooms,
                        trip.exchange(),
                        chosen.permit(),
                        chosen.asked().circumstances(),
                        chosen.model(),
                        departure);
        try (LiveCalls.Entry _ = rooms.live().enter(began, footing)) {
            Inspected inspected = inspect(trip, afforded);
            Recorded recorded = record(trip, inspected);
            Answered answered = forward(trip, recorded, departure);
            deliver(trip, answered, departure);
        } catch (Refused refused) {
            // Whatever else went wrong on the way, it went wrong because of this.
            throw departure.withdrawn().orElse(refused);
        }
    }

    /** The end of the way for who only counts: the same estimate that policy and budget go by. */
    private void counted(Trip trip, Afforded afforded, long began) {
        long tokens = Asking.promptTokens(afforded.chosen().asked().request().parts());
        byte[] body =
                Json.bytes(out -> {
                    out.writeStartObject();
                    out.writeNumberField("input_tokens", tokens);
                    out.writeEndObject();
                });
        trip.exchange().respond(200, Headers.of("content-type", "application/json"), body);
        exit.answered(trip);
    }

    private Principal authenticate(Trip trip) throws Refused {
        trip.at(Step.AUTHENTICATE);
        return gate.enter(trip);
    }

    private Asked read(Trip trip, Principal caller, Reading reading) throws Refused {
        trip.at(Step.READ);
        Exchange exchange = trip.exchange();
        Bodies.requirePost(exchange);
        Bodies.requireJson(exchange);
        try {
            InferenceRequest request = reading.read(exchange.body());
            trip.knows(request);
            Served.Remote engine = engines.get(request.model());
            Candidate model = new Candidate(rooms.registry(), engine, request.model());
            return new Asked(caller, request, model, Asking.about(exchange, request, model));
        } catch (InvalidRequest e) {
            String message = String.valueOf(e.getMessage());
            throw new Refused(Refusal.INVALID_REQUEST, message, message, e.field());
        }
    }

    private Permit decide(Trip trip, Asked asked) throws Refused {
        trip.at(Step.DECIDE);
        Principal caller = asked.caller();
        Resource model = new Resource(Resource.MODEL, asked.request().model(), caller.tenant());
        Decision decision =
                rooms.policy().decide(caller, Action.MODEL_INFER, model, asked.circumstances());
        trip.decidedBy(decision.policyId());
        return switch (decision) {
            case Permit permit -> permit;
            case Deny deny -> throw denied(trip, asked, model, deny);
        };
    }

    /** Who may use the model for another request is told that it is this one that may not. */
    private Refused denied(Trip trip, Asked asked, Resource model, Deny deny) {
        String reason = deny.reason() + " (" + deny.policyId() + ")";
        Circumstances any = Asking.atAll(trip.exchange(), asked.model());
        return switch (rooms.policy().decide(asked.caller(), Action.MODEL_INFER, model, any)) {
            case Permit _ -> Denials.thisRequest(reason);
            case Deny _ -> Denials.of(asked.caller(), reason);
        };
    }

    /** The model admitted is the model permitted, in the version that policy looked at. */
    private Chosen admit(Trip trip, Asked asked, Permit permit) throws Refused {
        trip.at(Step.ADMIT);
        Served model = asked.model().served(permit);
        trip.knows(model.identity());
        return new Chosen(asked, permit, model);
    }

    /** Holds what the request may use of its key's budget, before it costs anybody anything. */
    private Afforded afford(Trip trip, Chosen chosen) throws Refused {
        trip.at(Step.AFFORD);
        Asked asked = chosen.asked();
        long prompt = asked.circumstances().request().map(InferenceFacts::promptTokens).orElse(0L);
        trip.knows(allowances.hold(asked.caller(), asked.request(), prompt));
        return new Afforded(chosen);
    }

    private Inspected inspect(Trip trip, Afforded afforded) throws Refused {
        trip.at(Step.INSPECT);
        Chosen chosen = afforded.chosen();
        InferenceRequest request = chosen.asked().request();
        for (String kind : request.unseen()) {
            if (!chosen.model().declared().contains(kind)) {
                throw Denials.unseen(kind);
            }
        }
        Principal caller = chosen.asked().caller();
        Inspection inspection =
                rooms.guard()
                        .inspect(
                                request.parts(),
                                new GuardSettings.Asked(
                                        caller.id(), caller.roles(), request.model()));
        GuardReport report = Denials.truthful(inspection.report(), request.unseen());
        trip.knows(report);
        exit.judged(inspection);
        return switch (inspection) {
            case Inspection.Clean _, Inspection.Flagged _ -> new Inspected(chosen, report);
            case Inspection.Blocked(GuardReport _, String reason) ->
                    throw new Refused(Refusal.PROMPT_INJECTION, reason, reason, null);
        };
    }

    private Recorded record(Trip trip, Inspected inspected) {
        trip.at(Step.RECORD);
        Chosen chosen = inspected.chosen();
        InferenceRequest request = chosen.asked().request();
        ModelIdentity model = chosen.model().identity();
        CompletableFuture<Receipt> intent =
                rooms.journal()
                        .submit(
                                new InferenceIntent(
                                        trip.exchange().requestId(),
                                        trip.actor(),
                                        trip.operation(),
                                        model,
                                        chosen.permit().policyId(),
                                        request.parameters(),
                                        inspected.report(),
                                        recording
                                                .of(trip.caller(), request.model())
                                                .prompt(request)));
        return new Recorded(inspected, intent);
    }

    private Recording recorded(Trip trip, Recorded recorded) {
        InferenceRequest request = recorded.inspected().chosen().asked().request();
        return recording.of(trip.caller(), request.model());
    }

    /** Demands the recorded intent: not a byte is sent before it is durable. */
    private Answered forward(Trip trip, Recorded recorded, Departure departure) throws Refused {
        trip.at(Step.FORWARD);
        Inspected inspected = recorded.inspected();
        UpstreamResponse answer;
        Outcomes outcomes;
        try {
            departure.means(Thread.currentThread()::interrupt);
            Chosen chosen = inspected.chosen();
            InferenceRequest request = chosen.asked().request();
            Principal caller = chosen.asked().caller();
            answer = answers.send(trip, caller, chosen.model(), request, recorded.intent());
        } catch (UpstreamException e) {
            throw Denials.ofEngine(e);
        } finally {
            departure.stays();
            // The client may have left a moment ago; what follows must not be interrupted for it.
            Thread.interrupted();
            outcomes = durable(trip, recorded);
        }
        if (answer.status() != 200) {
            throw Denials.ofEngine(inspected.chosen().model(), answer);
        }
        return new Answered(inspected, outcomes, answer);
    }

    /** Whatever became of the call: from a durable intent on, the trip ends with an outcome. */
    private Outcomes durable(Trip trip, Recorded recorded) {
        try {
            long index = Outcomes.await(recorded.intent()).index();
            ModelIdentity model = recorded.inspected().chosen().model().identity();
            Outcomes outcomes =
                    new Outcomes(trip, index, model, rooms.journal(), recorded(trip, recorded));
            trip.knows(outcomes);
            return outcomes;
        } catch (RuntimeException fault) {
            trip.at(Step.RECORD);
            throw fault;
        }
    }

    /** Records the outcome before the last byte leaves, whichever way the answer travels. */
    private void deliver(Trip trip, Answered answered, Departure departure) throws Refused {
        trip.at(Step.DELIVER);
        UpstreamResponse answer = answered.answer();
        Outcomes outcomes = answered.outcomes();
        InferenceRequest request = answered.inspected().chosen().asked().request();
        AnswerHead head =
                new AnswerHead(
                        request.operation(),
                        trip.exchange().requestId(),
                        request.model(),
                        rooms.clock().instant().getEpochSecond());
        if (request.stream()) {
            new StreamDelivery(outcomes, request, rooms.filter(), exit, head, departure)
                    .deliver(answer);
        } else {
            new WholeDelivery(outcomes, request, rooms.filter(), exit, head)
                    .deliver(answer, departure, answers.maxAnswerBytes());
            answers.delivered(answer);
        }
    }
}
