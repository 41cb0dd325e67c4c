package atlas.gateway;

import atlas.core.Principal;
import atlas.core.Sensitive;
import atlas.identity.Authentication;
import atlas.identity.Authentication.Authenticated;
import atlas.identity.Authentication.Rejected;
import atlas.identity.Authentication.Unavailable;
import atlas.identity.Presented;
import atlas.runtime.http.Exchange;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The only way in: reads what was presented and asks who it is. Every journey starts here, before
 * it looks at path, method or body, so that a stranger sees the same 401 everywhere.
 */
final class Gate {
    private static final String BEARER = "bearer ";
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
        List<String> authorization = exchange.headers().all("authorization");
        List<String> apiKey = exchange.headers().all("x-api-key");
        if (authorization.size() > 1 || apiKey.size() > 1) {
            throw stranger(trip, "two_credentials", "one header, several times");
        }
        Optional<Sensitive<String>> bearer = Optional.empty();
        if (!authorization.isEmpty()) {
            String value = authorization.getFirst();
            if (!value.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
                throw stranger(trip, "not_bearer", "authorization of another scheme");
            }
            bearer = Optional.of(Sensitive.of(value.substring(BEARER.length()).strip()));
        }
        Optional<Sensitive<String>> key =
                apiKey.isEmpty() ? Optional.empty() : Optional.of(Sensitive.of(apiKey.getFirst()));
        return switch (identity.apply(new Presented(bearer, key, exchange.peer()))) {
            case Authenticated(Principal principal) -> {
                trip.knows(principal);
                if (!exchange.knownHere()) {
                    throw new Refused(Refusal.INVALID_REQUEST, OTHER_HOST, OTHER_HOST, null);
                }
                yield principal;
            }
            case Rejected no -> throw rejected(trip, no);
            case Unavailable(String what) -> throw new Refused(Refusal.UNAVAILABLE, what);
        };
    }

    private Refused rejected(Trip trip, Rejected no) {
        Refused refused = stranger(trip, no.reason(), no.hint());
        return no.toHolder()
                .map(said -> new Refused(Refusal.CREDENTIAL_OVERDUE, said, no.reason(), null))
                .orElse(refused);
    }

    private Refused stranger(Trip trip, String reason, String hint) {
        strangers.refused(trip.exchange(), reason, hint);
        return new Refused(Refusal.INVALID_CREDENTIAL, reason);
    }
}
