package atlas.control.api;

import atlas.control.login.Door;
import atlas.control.store.StoreException;
import atlas.core.AuditEvent.Actor;
import atlas.core.AuditEvent.AdminAct;
import atlas.core.AuditLog;
import atlas.core.AuditUnavailableException;
import atlas.core.Principal;
import atlas.core.crypto.KeyUnavailableException;
import atlas.identity.StoreUnavailableException;
import atlas.journal.JournalException;
import atlas.policy.Circumstances;
import atlas.policy.Circumstances.ModelFacts;
import atlas.policy.Decision;
import atlas.policy.GrantRefusedException;
import atlas.policy.PolicyDecisionPoint;
import atlas.policy.PolicyException;
import atlas.policy.Resource;
import atlas.registry.RegistryRefusal;
import atlas.runtime.Problem;
import atlas.runtime.http.Exchange;
import atlas.runtime.http.Handler;
import atlas.runtime.http.Headers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What every call to the control plane goes through, in order: shell and sign-in, authenticate,
 * find the route, ask policy, check the input, then look, or record and act.
 *
 * <p>INVARIANT: an {@link Act}'s effect runs only after the journal has the act durably; a call
 * that policy refused is in the journal too. Runs on the edge's virtual thread for the call.
 */
public final class AdminJourney implements Handler {
    private static final Logger LOG = LoggerFactory.getLogger(AdminJourney.class);

    private final RouteTable routes;
    private final Shell shell;
    private final Callers callers;
    private final PolicyDecisionPoint policy;
    private final AuditLog journal;
    private final RefusalLedger refusals;

    public AdminJourney(
            RouteTable routes,
            Shell shell,
            Callers callers,
            PolicyDecisionPoint policy,
            AuditLog journal,
            RefusalLedger refusals) {
        this.routes = routes;
        this.shell = shell;
        this.callers = callers;
        this.policy = policy;
        this.journal = journal;
        this.refusals = refusals;
    }

    /**
     * Everything that is answered with more than a refusal, as {@code METHOD /pattern}; what
     * strangers may reach has {@code open} before it.
     */
    public List<String> routes() {
        return Stream.concat(
                        shell.routes().stream(),
                        routes.routes().stream().map(r -> r.method() + " " + r.pattern()))
                .toList();
    }

    @Override
    public void handle(Exchange exchange) {
        try {
            if (shell.serve(exchange)) {
                return;
            }
            perform(understood(exchange, callers.identify(exchange)));
        } catch (Refusal refusal) {
            answer(exchange, refusal.problem(), refusal.headers());
        } catch (Door.Shut shut) {
            refusals.refused(exchange, shut.reason(), shut.hint());
            Refusal refusal = Problems.atTheDoor(shut.kind());
            answer(exchange, refusal.problem(), refusal.headers());
        } catch (Exception e) {
            Refusal mapped = mapped(e, exchange);
            answer(exchange, mapped.problem(), mapped.headers());
        }
    }

    /** The call that an exchange is; one that is none, though its caller is known, is recorded. */
    private Call understood(Exchange exchange, Caller caller) throws Refusal {
        try {
            requireKnownHost(exchange);
            RouteTable.Match match = routes.find(exchange.method(), exchange.path());
            String policyId = permit(caller.principal(), match, exchange);
            Input input = Input.read(match.route(), exchange);
            return new Call(exchange, caller, match.route(), policyId, match.variables(), input);
        } catch (Refusal refusal) {
            Problem problem = refusal.problem();
            if (problem.status() != 403) {
                String reason = problem.slug().replace('-', '_');
                refusals.refused(exchange, reason, caller.principal().id());
            }
            throw refusal;
        }
    }

    private static void requireKnownHost(Exchange exchange) throws Refusal {
        if (!exchange.knownHere()) {
            throw Problems.invalid(
                    "the request names a host that this server is not; list it in"
                            + " `trust.server-names`");
        }
    }

    /** What permitted it. */
    private String permit(Principal caller, RouteTable.Match match, Exchange exchange)
            throws Refusal {
        Route route = match.route();
        Resource resource = route.resource(match.variables());
        Circumstances circumstances =
                Circumstances.from(exchange.source()).about(() -> version(match.variables()));
        switch (policy.decide(caller, route.action(), resource, circumstances)) {
            case Decision.Permit yes -> {
                return yes.policyId();
            }
            case Decision.Deny no -> {
                record(
                        exchange,
                        caller,
                        route.action().wireName(),
                        resource.toString(),
                        "denied",
                        no.policyId(),
                        Map.of(),
                        Map.of("reason", no.reason(), "policy", no.policyId()));
                throw Problems.forbidden(
                        "`"
                                + route.action().wireName()
                                + "` is not among the things "
                                + "this credential may do");
            }
        }
    }

    /** The version in the path; who vouched for it is the registry's to say, later. */
    private static Optional<ModelFacts> version(Map<String, String> variables) {
        try {
            return Optional.ofNullable(variables.get("version"))
                    .map(Integer::parseInt)
                    .map(number -> new ModelFacts(number, ""));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    private void perform(Call call) throws Exception {
        switch (call.route().operation()) {
            case Route.Operation.Reading reading -> answer(call.exchange(), reading.read(call));
            case Route.Operation.Acting acting -> act(call, acting.plan(call));
            case Route.Operation.Streaming streaming -> streaming.stream(call);
        }
    }

    private void act(Call call, Act act) throws Exception {
        String action = call.route().action().wireName();
        record(
                call.exchange(),
                call.caller(),
                action,
                act.resource(),
                "allowed",
                call.policy(),
                act.before(),
                act.after());
        Act.Done done;
        try {
            done = act.effect().run();
        } catch (Exception e) {
            String why =
                    e instanceof Refusal || e instanceof RegistryRefusal
                            ? String.valueOf(e.getMessage())
                            : e.getClass().getSimpleName();
            afterwards(call, action, act.resource(), "failed", Map.of("reason", why));
            throw e;
        }
        if (!done.result().isEmpty()) {
            afterwards(call, action, act.resource(), "done", done.result());
        }
        answer(call.exchange(), done.reply());
    }

    private void record(
            Exchange exchange,
            Principal caller,
            String action,
            String resource,
            String outcome,
            String policyId,
            Map<String, ?> before,
            Map<String, ?> after) {
        journal.append(
                new AdminAct(
                        exchange.requestId(),
                        Actor.of(caller, exchange.source()),
                        action,
                        resource,
                        outcome,
                        text(before),
                        text(after),
                        policyId));
    }

    // The act itself is recorded already; what came of it is added without holding up the answer.
    private void afterwards(
            Call call, String action, String resource, String outcome, Map<String, ?> result) {
        AdminAct act =
                new AdminAct(
                        call.requestId(),
                        call.actor(),
                        action,
                        resource,
                        outcome,
                        "",
                        text(result),
                        call.policy());
        journal.submit(act)
                .whenComplete((_, failure) -> {
                    if (failure != null) {
                        LOG.atError()
                                .addKeyValue("request_id", call.requestId())
                                .log("outcome of an act not journaled");
                    }
                });
    }

    private static String text(Map<String, ?> value) {
        return value.isEmpty() ? "" : new String(Reply.json(value), StandardCharsets.UTF_8);
    }

    private static void answer(Exchange exchange, Reply reply) {
        exchange.respond(reply.status(), reply.headers(), reply.body());
    }

    private static void answer(Exchange exchange, Problem problem, Map<String, String> headers) {
        if (!exchange.open()) {
            return;
        }
        Headers all =
                Headers.of(
                        "content-type", Problem.MEDIA_TYPE,
                        "cache-control", "no-store",
                        "x-content-type-options", "nosniff");
        for (Map.Entry<String, String> header : headers.entrySet()) {
            all = all.with(header.getKey(), header.getValue());
        }
        // A stranger sees the same bytes whatever was asked; the header has the request id.
        boolean stranger = problem.status() == 401;
        byte[] body = stranger ? problem.json() : problem.json(exchange.requestId());
        exchange.respond(problem.status(), all, body);
    }

    private static Refusal mapped(Exception e, Exchange exchange) {
        return switch (e) {
            case AuditUnavailableException _ ->
                    Problems.unavailable("the journal cannot record now, so nothing was done");
            case StoreException _, StoreUnavailableException _ ->
                    Problems.unavailable("the control store cannot be used now");
            case JournalException _ -> {
                LOG.atError()
                        .addKeyValue("request_id", exchange.requestId())
                        .setCause(e)
                        .log("journal not read");
                yield Problems.unavailable("the journal cannot be read now; see its health");
            }
            case KeyUnavailableException _ ->
                    Problems.unavailable("a key cannot be had now; see the vault's status");
            case GrantRefusedException refused -> Problems.conflict(message(refused));
            case PolicyException _ -> Problems.unavailable("policy cannot be read now");
            case RegistryRefusal refusal ->
                    switch (refusal.why()) {
                        case UNKNOWN -> Problems.notFound(message(refusal));
                        case INVALID -> Problems.invalid(message(refusal));
                        case QUOTA -> Problems.tooLarge(message(refusal));
                        case FOUR_EYES -> Problems.forbidden(message(refusal));
                        case SIGNATURE, CONTENT, ALTERED -> Problems.modelRefused(message(refusal));
                        case STATE -> Problems.conflict(message(refusal));
                    };
            default -> {
                LOG.atError()
                        .addKeyValue("request_id", exchange.requestId())
                        .addKeyValue("path", exchange.path())
                        .setCause(e)
                        .log("call failed");
                yield new Refusal(Problems.internal());
            }
        };
    }

    private static String message(Exception e) {
        return String.valueOf(e.getMessage());
    }
}
