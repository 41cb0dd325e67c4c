package atlas.control.api;

import static atlas.control.api.Field.Type.STRING;
import static atlas.control.api.Field.optional;

import atlas.control.login.Sessions;
import atlas.core.AuditEvent.TokenIssued;
import atlas.core.AuditLog;
import atlas.core.Cidr;
import atlas.core.Principal;
import atlas.core.Principal.Credential;
import atlas.identity.ApiKeys;
import atlas.identity.KeyLimits;
import atlas.identity.Presented;
import atlas.identity.revocation.Revocations.Revocation.Kind;
import atlas.identity.token.AtlasTokens.Issued;
import atlas.policy.Action;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A short-lived token for whoever is signed in: what the console gives a person who wants to call
 * the data plane. It ends with the session, and reaches no further.
 */
final class TokenRoutes {
    private final ControlRoutes.Tokens tokens;
    private final ApiKeys keys;
    private final AuditLog journal;
    private final Clock clock;
    private final Set<String> sessionsWithTokens = ConcurrentHashMap.newKeySet();

    TokenRoutes(
            ControlRoutes.Tokens tokens,
            ApiKeys keys,
            Sessions sessions,
            AuditLog journal,
            Clock clock) {
        this.tokens = tokens;
        this.keys = keys;
        this.journal = journal;
        this.clock = clock;
        sessions.onEnd(session -> {
            if (sessionsWithTokens.remove(session.id())) {
                tokens.revocations()
                        .revoke(
                                Kind.TOKEN,
                                session.principal().tenant(),
                                session.id(),
                                "session ended");
            }
        });
    }

    List<Route> routes() {
        return List.of(
                Route.act(
                                "POST",
                                "/api/v1/tokens",
                                Action.TOKEN_ISSUE,
                                "token",
                                "a token of minutes for the caller, for one plane",
                                this::issue)
                        .body(optional("audience", STRING, "`gateway` (default) or `control`")));
    }

    private Act issue(Call call) throws Refusal {
        Principal caller = call.caller();
        if (caller.credential().kind() == Credential.Kind.ATLAS_TOKEN) {
            throw Problems.conflict(
                    "a token is exchanged at the gateway, `POST /oauth2/token`, where its holder is"
                            + " asked for proof");
        }
        String audience =
                switch (call.input().optionalText("audience").orElse("gateway")) {
                    case "gateway" -> Presented.Request.GATEWAY;
                    case "control" -> Presented.Request.CONTROL;
                    default -> throw Problems.invalid("`audience` is `gateway` or `control`");
                };
        List<Cidr> sources =
                caller.credential()
                        .key()
                        .flatMap(keys::limits)
                        .map(KeyLimits::sources)
                        .orElse(List.of());
        return new Act(
                "principal:" + caller.id(),
                Map.of(),
                Map.of("audience", audience),
                () -> issued(call, audience, sources));
    }

    private Act.Done issued(Call call, String audience, List<Cidr> sources) throws Refusal {
        Principal caller = call.caller();
        if (caller.credential().kind() == Credential.Kind.SESSION) {
            sessionsWithTokens.add(caller.credential().id());
        }
        // INVARIANT: noted, then the epoch, then one more look. What ended before is seen by the
        // look, what ends later ends the token.
        long began = tokens.issuer().epoch();
        if (!call.stillHolds()) {
            sessionsWithTokens.remove(caller.credential().id());
            throw Problems.unavailable(
                    "it cannot be told that your credential still holds; try again");
        }
        Issued issued = tokens.issuer().issue(caller, audience, sources, began);
        journal.append(
                new TokenIssued(
                        call.requestId(),
                        call.actor(),
                        "api",
                        issued.id(),
                        issued.audiences(),
                        issued.roles(),
                        issued.models(),
                        issued.boundTo(),
                        issued.expires()));
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("access_token", issued.token().reveal());
        view.put("token_type", "Bearer");
        view.put("expires_in", issued.secondsFrom(clock.instant()));
        view.put("id", issued.id());
        view.put("audience", audience);
        view.put("roles", issued.roles());
        view.put("models", issued.models());
        return Act.Done.with(Reply.created(view));
    }
}
