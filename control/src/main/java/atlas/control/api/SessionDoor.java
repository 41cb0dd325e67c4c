package atlas.control.api;

import atlas.control.login.Door.Shut;
import atlas.control.login.Ending;
import atlas.control.login.Proven;
import atlas.control.login.SameOrigin;
import atlas.control.login.Session;
import atlas.control.login.SessionCookie;
import atlas.control.login.SignIn;
import atlas.core.AuditEvent.Actor;
import atlas.core.Principal;
import atlas.core.Principal.Credential;
import atlas.core.Sensitive;
import atlas.identity.ApiKeys;
import atlas.identity.Authentication;
import atlas.runtime.http.Exchange;
import atlas.runtime.http.Headers;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A browser's own session: opened with an API key, looked at, ended. These answer strangers with
 * the 401 of everywhere; they are no routes because policy has no say in them: whoever may sign in
 * may sign out, whatever has been granted or revoked since.
 *
 * <ul>
 *   <li>{@code POST /login/key} with {@code Authorization: Bearer <key>} opens a session;
 *   <li>{@code GET /login/session} tells the page who is signed in, and its token against forgery;
 *   <li>{@code POST /login/out} ends it, and says where to sign out at the provider;
 *   <li>{@code GET /login/providers} says which ways to sign in there are, to anybody.
 * </ul>
 */
public final class SessionDoor {
    private final Callers callers;
    private final SignIn signIn;
    private final SameOrigin sameOrigin;
    private final ApiKeys keys;
    private final Map<String, Object> ways;

    /** {@code ways} to sign in are told to anybody who asks. */
    public SessionDoor(
            Callers callers,
            SignIn signIn,
            SameOrigin sameOrigin,
            ApiKeys keys,
            Map<String, Object> ways) {
        this.callers = callers;
        this.signIn = signIn;
        this.sameOrigin = sameOrigin;
        this.keys = keys;
        this.ways = ways;
    }

    /** What it answers, with {@code open} before what strangers reach. */
    List<String> routes() {
        return List.of(
                "open GET /login/providers",
                "POST /login/key",
                "GET /login/session",
                "POST /login/out");
    }

    /** Answers when the call is for one of its paths and methods. */
    boolean serve(Exchange exchange) throws Refusal, Shut {
        if (!exchange.knownHere() || !exchange.query().isEmpty()) {
            return false;
        }
        return switch (exchange.method() + " " + exchange.path()) {
            case "GET /login/providers" -> {
                respond(exchange, ways, Optional.empty());
                yield true;
            }
            case "POST /login/key" -> byKey(exchange);
            case "GET /login/session" -> show(exchange);
            case "POST /login/out" -> out(exchange);
            default -> false;
        };
    }

    private boolean byKey(Exchange exchange) throws Refusal, Shut {
        // First, so that a stranger is told what every stranger is told.
        Principal shown = callers.byCredential(exchange);
        Optional<String> foreign = sameOrigin.foreign(exchange);
        if (foreign.isPresent()) {
            throw new Shut(Shut.Kind.NOT_OURS, foreign.get(), "api key");
        }
        if (shown.credential().kind() != Credential.Kind.API_KEY
                || shown.credential().workload().isPresent()) {
            // A token bound to its holder must not become a cookie that is not.
            throw new Shut(
                    Shut.Kind.UNAUTHENTICATED, "session_needs_api_key", shown.credential().id());
        }
        Proven proven =
                new Proven(
                        "api-key",
                        "",
                        shown,
                        Optional.empty(),
                        source -> standing(shown.credential().id(), source),
                        Optional::empty);
        String cookie = signIn.cookie(proven, exchange, Optional.empty());
        respond(exchange, Map.of("signed_in", true), Optional.of(cookie));
        return true;
    }

    private Proven.Standing.Answer standing(String key, String source) {
        return switch (keys.again(key, source)) {
            case Authentication.Authenticated _ -> Proven.Standing.Answer.HOLDS;
            case Authentication.Rejected _, Authentication.NonceNeeded _ ->
                    Proven.Standing.Answer.ENDED;
            case Authentication.Unavailable _ -> Proven.Standing.Answer.UNKNOWN;
        };
    }

    private boolean show(Exchange exchange) throws Refusal, Shut {
        Sensitive<String> cookie = theOne(exchange);
        Session session = callers.bySession(exchange, cookie);
        Map<String, Object> view = Views.caller(session.principal());
        view.put("session", Views.session(session));
        view.put("csrf_token", SameOrigin.token(cookie));
        respond(exchange, view, Optional.empty());
        return true;
    }

    private boolean out(Exchange exchange) throws Refusal, Shut {
        Session session = callers.bySession(exchange, theOne(exchange));
        Actor by = Actor.of(session.principal(), exchange.source());
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("signed_out", true);
        signIn.sessions()
                .end(session.id(), Ending.SIGNED_OUT, by)
                .flatMap(ended -> ended.farewell().get())
                .ifPresent(place -> view.put("sign_out_at", place.reveal().toString()));
        respond(exchange, view, Optional.of(SessionCookie.clear()));
        return true;
    }

    private static Sensitive<String> theOne(Exchange exchange) throws Shut {
        List<Sensitive<String>> cookies =
                SessionCookie.values(exchange.headers(), SessionCookie.NAME);
        if (cookies.size() > 1 || Callers.presentsCredential(exchange)) {
            throw new Shut(Shut.Kind.UNAUTHENTICATED, "two_credentials", "session cookie");
        }
        if (cookies.isEmpty()) {
            throw new Shut(Shut.Kind.UNAUTHENTICATED, "no_credential", "");
        }
        return cookies.getFirst();
    }

    private static void respond(Exchange exchange, Map<String, ?> view, Optional<String> cookie) {
        Reply reply = Reply.ok(view);
        Headers headers = reply.headers();
        if (cookie.isPresent()) {
            headers = headers.with("set-cookie", cookie.get());
        }
        exchange.respond(reply.status(), headers, reply.body());
    }
}
