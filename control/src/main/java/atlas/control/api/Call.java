package atlas.control.api;

import atlas.core.AuditEvent.Actor;
import atlas.core.ModelRef;
import atlas.core.Principal;
import atlas.runtime.http.Exchange;
import java.util.Map;

/**
 * One authenticated, permitted call with its input checked.
 *
 * @param policy what permitted it
 */
record Call(
        Exchange exchange,
        Caller by,
        Route route,
        String policy,
        Map<String, String> variables,
        Input input) {

    String requestId() {
        return exchange.requestId();
    }

    Principal caller() {
        return by.principal();
    }

    /** Whether what let the call in still holds; for an answer that goes on. */
    boolean stillHolds() {
        return by.holds().getAsBoolean();
    }

    Actor actor() {
        return Actor.of(caller(), exchange.source());
    }

    /** A variable of the path. */
    String variable(String name) {
        String value = variables.get(name);
        if (value == null) {
            throw new IllegalStateException("route without `" + name + "`: " + route.pattern());
        }
        return value;
    }

    /** The version the path names. */
    ModelRef model() throws Refusal {
        return ref(variable("name") + "@" + variable("version"));
    }

    /** Reads {@code name@version} as given by the caller. */
    static ModelRef ref(String text) throws Refusal {
        try {
            return ModelRef.parse(text);
        } catch (IllegalArgumentException e) {
            throw Problems.invalid(String.valueOf(e.getMessage()));
        }
    }
}
