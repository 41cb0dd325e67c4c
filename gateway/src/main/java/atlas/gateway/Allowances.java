package atlas.gateway;

import atlas.core.Principal;
import atlas.gateway.openai.InferenceRequest;
import atlas.gateway.openai.Operation;
import atlas.identity.KeyLimits;
import atlas.identity.spending.Spending;
import atlas.identity.spending.Spending.Outcome.Exhausted;
import atlas.identity.spending.Spending.Outcome.Granted;
import atlas.identity.spending.Spending.Outcome.TooLarge;
import atlas.identity.spending.Spending.Outcome.TooOften;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;

/** Holds for each request what its key may still use, or refuses it and says until when. */
final class Allowances {
    /** Held for an answer whose request leaves its length to the model. */
    static final long UNSTATED_ANSWER_TOKENS = 1024;

    private final Rooms.Identity identity;
    private final Spending spending;
    private final Clock clock;

    Allowances(Rooms.Identity identity, Spending spending, Clock clock) {
        this.identity = identity;
        this.spending = spending;
        this.clock = clock;
    }

    /**
     * Asks for a request's share.
     *
     * @param promptTokens an estimate
     */
    Meter hold(Principal caller, InferenceRequest request, long promptTokens) throws Refused {
        Optional<String> key = caller.credential().key();
        if (key.isEmpty()) {
            return Meter.FREE;
        }
        // A credential that held a moment ago has a key; whoever cannot find it knows too little.
        KeyLimits limits =
                identity.limits(key.get())
                        .orElseThrow(() -> new Refused(Refusal.UNAVAILABLE, "limits of the key"));
        if (limits.tokens().isEmpty() && limits.requests().isEmpty()) {
            return Meter.FREE;
        }
        long answer = answerTokens(request);
        boolean stated =
                request.parameters().maxTokens().isPresent()
                        || request.operation() == Operation.EMBEDDING;
        long most = promptTokens + answer;
        long least = stated ? most : promptTokens + 1;
        return switch (spending.reserve(key.get(), limits, least, most)) {
            case Granted(Spending.Reservation held) ->
                    new Meter(held, promptTokens, request.stream());
            case TooOften(KeyLimits.Allowance rate, Duration wait) ->
                    throw Refused.later(
                            Refusal.RATE_LIMITED,
                            "this key may send %s requests; try again later".formatted(rate),
                            "rate " + rate,
                            wait);
            case Exhausted exhausted -> throw exhausted(exhausted, least);
            case TooLarge(KeyLimits.Allowance budget) ->
                    throw Refused.forGood(
                            Refusal.BUDGET_EXHAUSTED,
                            "this request may take %d tokens and this key has %s; ask for fewer"
                                            .formatted(least, budget)
                                    + " `max_tokens`, or send less",
                            "larger than the budget " + budget);
        };
    }

    private Refused exhausted(Exhausted why, long least) {
        return Refused.later(
                Refusal.BUDGET_EXHAUSTED,
                "this request may take %d tokens and this key has %d left of %s; its budget is"
                                .formatted(least, why.left(), why.budget())
                        + " renewed at "
                        + why.renews(),
                "budget " + why.budget(),
                Duration.between(clock.instant(), why.renews()));
    }

    private static long answerTokens(InferenceRequest request) {
        long each = request.parameters().maxTokens().orElse(UNSTATED_ANSWER_TOKENS);
        return switch (request.operation()) {
            case EMBEDDING -> 0;
            case CHAT -> each * request.choices();
            // Each prompt of a list is answered by itself.
            case COMPLETION -> each * request.choices() * Math.max(1, request.parts().size());
        };
    }
}
