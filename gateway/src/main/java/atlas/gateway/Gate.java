package atlas.gateway;

import atlas.core.Principal;
import atlas.identity.Authentication;
import atlas.identity.Authentication.Authenticated;
import atlas.identity.Authentication.NonceNeeded;
import atlas.identity.Authentication.Rejected;
import atlas.identity.Authentication.Unavailable;
import atlas.identity.Presented;
import atlas.runtime.http.Exchange;
import java.util.function.Function;

/**
 * The only way in: reads what was presented and asks who it is. Every journey starts here, before
 * it looks at path, method or body, so that a stranger sees the same 401 everywhere.
 */
final class Gate {
    private static final String TWO_CREDENTIALS = "send one credential, not two";
    private static final String OTHER_HOST =
            "the request names a host that this server is not; list it in `trust.server-names`";

    private final Function<Presented, Authentication> identity;
    private final Strangers strangers;

    Gate(Function<Presented, Authentication> identity, Strangers strangers) {
        this.identity = identity;
        this.strangers = strangers;
    }

    /** The caller, or the refusal that is the same for everybody else. */
    Principal enter(Trip trip) throws Refused {
        Exchange exchange = trip.exchange();
        return switch (identity.apply(presented(exchange))) {
            case Authenticated(Principal principal) -> {
                admit(trip, principal);
                yield principal;
            }
            case Rejected no -> throw rejected(trip, no);
            case NonceNeeded(String nonce, String hint) -> {
                strangers.refused(exchange, NonceNeeded.REASON, hint);
                throw new Refused(nonce);
            }
            case Unavailable(String what) -> throw new Refused(Refusal.UNAVAILABLE, what);
        };
    }

    /** Notes who it is; known callers are told when they look for another server. */
    void admit(Trip trip, Principal principal) throws Refused {
        trip.knows(principal);
        if (!trip.exchange().knownHere()) {
            throw new Refused(Refusal.INVALID_REQUEST, OTHER_HOST, OTHER_HOST, null);
        }
    }

    /** The answer to a credential that did not hold, once it is counted. */
    Refused rejected(Trip trip, Rejected no) {
        Refused refused = stranger(trip, no.reason(), no.hint());
        return no.toHolder()
                .map(said -> new Refused(Refusal.CREDENTIAL_OVERDUE, said, no.reason(), null))
                .orElse(refused);
    }

    /** What the request presented, read in the one way for every door. */
    static Presented presented(Exchange exchange) {
        return Presented.read(
                exchange.headers()::all,
                exchange.peer(),
                new Presented.Request(
                        Presented.Request.GATEWAY,
                        exchange.method(),
                        exchange.authority(),
                        exchange.path(),
                        exchange.source()));
    }

    private Refused stranger(Trip trip, String reason, String hint) {
        strangers.refused(trip.exchange(), reason, hint);
        // Which of two was meant is not for us to guess; that says nothing about either.
        return reason.equals("two_credentials")
                ? new Refused(Refusal.INVALID_REQUEST, TWO_CREDENTIALS, reason, null)
                : new Refused(Refusal.INVALID_CREDENTIAL, reason);
    }
}
