package atlas.control.api;

import atlas.control.login.SameOrigin;
import atlas.control.login.Session;
import atlas.control.login.SessionCookie;
import atlas.control.login.Sessions;
import atlas.core.Principal;
import atlas.core.Sensitive;
import atlas.identity.Authentication;
import atlas.identity.Authenticator;
import atlas.identity.Presented;
import atlas.runtime.http.Exchange;
import java.util.List;
import java.util.Optional;

/**
 * Tells who is calling from exactly one credential: what a program sends in a header or shows as a
 * certificate, or the session cookie of a browser. Both on one call are refused: two readers must
 * never see two callers in one request.
 */
public final class Callers {
    /** Sent by a page for what it asks by itself; such a call does not keep its session awake. */
    static final String BACKGROUND = "atlas-background";

    private static final String TWO = "two_credentials";

    private final Authenticator authenticator;
    private final Sessions sessions;
    private final SameOrigin sameOrigin;
    private final RefusalLedger refusals;

    public Callers(
            Authenticator authenticator,
            Sessions sessions,
            SameOrigin sameOrigin,
            RefusalLedger refusals) {
        this.authenticator = authenticator;
        this.sessions = sessions;
        this.sameOrigin = sameOrigin;
        this.refusals = refusals;
    }

    Caller identify(Exchange exchange) throws Refusal {
        List<Sensitive<String>> cookies =
                SessionCookie.values(exchange.headers(), SessionCookie.NAME);
        if (cookies.isEmpty()) {
            return new Caller(byCredential(exchange), () -> holds(exchange));
        }
        if (cookies.size() > 1 || presentsCredential(exchange)) {
            throw stranger(exchange, TWO, "session cookie and another");
        }
        Session session = bySession(exchange, cookies.getFirst());
        return new Caller(
                session.principal(), () -> sessions.holds(session.id(), exchange.source()));
    }

    /** What cannot be told is not told as yes: such an answer ends, and its caller asks again. */
    private boolean holds(Exchange exchange) {
        return switch (authenticator.again(presented(exchange))) {
            case Authentication.Authenticated _ -> true;
            case Authentication.Rejected _ -> false;
            case Authentication.NonceNeeded _ -> false;
            case Authentication.Unavailable _ -> false;
        };
    }

    /** The principal of a header or a certificate; a cookie beside it is not looked at. */
    Principal byCredential(Exchange exchange) throws Refusal {
        return switch (authenticator.authenticate(presented(exchange))) {
            case Authentication.Authenticated yes -> yes.principal();
            case Authentication.Rejected no -> {
                Refusal same = stranger(exchange, no.reason(), no.hint());
                throw no.toHolder().map(Problems::unauthenticated).orElse(same);
            }
            case Authentication.NonceNeeded needed -> {
                refusals.refused(exchange, Authentication.NonceNeeded.REASON, needed.hint());
                throw Problems.nonceNeeded(needed.nonce());
            }
            case Authentication.Unavailable down ->
                    throw Problems.unavailable("credentials cannot be checked now: " + down.what());
        };
    }

    /** The session of a cookie, when the call is our own page's. */
    Session bySession(Exchange exchange, Sensitive<String> cookie) throws Refusal {
        boolean byPerson = exchange.headers().first(BACKGROUND).isEmpty();
        // Whose call it is comes first: a call that another page made keeps nothing awake.
        Optional<String> objection = sameOrigin.objection(exchange, cookie);
        return switch (sessions.find(cookie, exchange.source(), byPerson && objection.isEmpty())) {
            case Sessions.Lookup.Dead dead -> throw stranger(exchange, dead.reason(), dead.hint());
            case Sessions.Lookup.Undecided down ->
                    throw Problems.unavailable("sessions cannot be checked now: " + down.what());
            case Sessions.Lookup.Live(Session session) -> {
                if (objection.isPresent()) {
                    refusals.refused(exchange, objection.get(), session.id());
                    throw Problems.notOurPage();
                }
                yield session;
            }
        };
    }

    Refusal stranger(Exchange exchange, String reason, String hint) {
        refusals.refused(exchange, reason, hint);
        // Which of two was meant is not for us to guess; that says nothing about either.
        return reason.equals(TWO)
                ? Problems.invalid("send one credential, not two")
                : Problems.unauthenticated();
    }

    static boolean presentsCredential(Exchange exchange) {
        return exchange.headers().first("authorization").isPresent()
                || exchange.headers().first("x-api-key").isPresent()
                || !exchange.peer().isEmpty();
    }

    private static Presented presented(Exchange exchange) {
        return Presented.read(
                exchange.headers()::all,
                exchange.peer(),
                new Presented.Request(
                        Presented.Request.CONTROL,
                        exchange.method(),
                        exchange.authority(),
                        exchange.path(),
                        exchange.source()));
    }
}
