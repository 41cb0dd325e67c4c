package atlas.gateway;

import atlas.core.Principal;
import atlas.identity.Authentication.Authenticated;
import atlas.identity.Authentication.NonceNeeded;
import atlas.identity.Authentication.Rejected;
import atlas.identity.Authentication.Unavailable;
import atlas.policy.Circumstances;
import atlas.policy.Decision;
import atlas.policy.Decision.Permit;
import atlas.registry.Admission;
import atlas.registry.Admission.Admitted;
import atlas.registry.Admission.NotAdmitted;
import atlas.registry.ModelVersion;
import atlas.registry.ModelVersion.State;
import atlas.runtime.LiveCalls.LiveCall;
import atlas.runtime.LiveCalls.Verdict;
import atlas.runtime.http.Exchange;
import java.time.Instant;

/**
 * What one request rests on while it is under way: the credential, the permit, the model. Asked
 * again in the order in which they were asked at first; when one of them is gone the request is
 * given up, in whatever it is doing.
 */
final class Footing implements LiveCall {
    private static final Verdict STANDS = new Verdict.Stands();

    private final Rooms rooms;
    private final Exchange exchange;
    private final Permit permit;
    private final Circumstances circumstances;
    private final Served model;
    private final Departure departure;

    Footing(
            Rooms rooms,
            Exchange exchange,
            Permit permit,
            Circumstances circumstances,
            Served model,
            Departure departure) {
        this.rooms = rooms;
        this.exchange = exchange;
        this.permit = permit;
        this.circumstances = circumstances;
        this.model = model;
        this.departure = departure;
    }

    @Override
    public Instant until() {
        return permit.principal().credential().expires();
    }

    @Override
    public Verdict verdict() {
        return switch (rooms.identity().again(Gate.presented(exchange))) {
            case Authenticated(Principal now) -> verdict(now);
            case Rejected no -> new Verdict.Falls(no.reason());
            case NonceNeeded _ -> new Verdict.Falls(NonceNeeded.REASON);
            case Unavailable(String what) -> new Verdict.Unsure(what);
        };
    }

    private Verdict verdict(Principal now) {
        Principal then = permit.principal();
        if (!now.id().equals(then.id()) || !now.tenant().equals(then.tenant())) {
            return new Verdict.Falls("the credential is another principal's now");
        }
        Decision decision =
                rooms.policy().decide(now, permit.action(), permit.resource(), circumstances);
        return switch (decision) {
            case Permit _ -> standing();
            case Decision.Deny no -> new Verdict.Falls(no.reason() + " (" + no.policyId() + ")");
        };
    }

    private Verdict standing() {
        return switch (model) {
            case Served.Remote _ -> STANDS;
            case Served.Verified(Admitted then) -> standing(then.version());
        };
    }

    // A version that a newer one replaced may end what it began; one that was taken back may not.
    private Verdict standing(ModelVersion then) {
        Admission now = rooms.registry().admit(then.ref().name());
        return switch (now) {
            case Admitted admitted when admitted.version().ref().equals(then.ref()) -> STANDS;
            case Admitted admitted
                    when admitted.version().ref().version() > then.ref().version()
                            && superseded(then) ->
                    STANDS;
            case Admitted _ -> new Verdict.Falls("model_rolled_back");
            case NotAdmitted(String reason) -> new Verdict.Falls("model_withdrawn: " + reason);
        };
    }

    private boolean superseded(ModelVersion then) {
        return rooms.registry().list().stream()
                .anyMatch(v -> v.ref().equals(then.ref()) && v.state() == State.APPROVED);
    }

    @Override
    public void fall(String reason) {
        departure.withdraw(new Refused(Refusal.ACCESS_REVOKED, reason));
    }

    @Override
    public void doubt(String what) {
        departure.withdraw(new Refused(Refusal.UNAVAILABLE, "cannot be judged again: " + what));
    }
}
