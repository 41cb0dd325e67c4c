package atlas.policy;

import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What a condition may look at beside who wants to do what to which thing. What is empty is not
 * known: a question whose answer needs it is answered with no. Group, attributes, kind and age of
 * the credential stand on the principal.
 *
 * @param source the literal of the address the call came from
 * @param segment the network segment of that address; when empty, found by {@link Surroundings}
 * @param time when it is asked; when empty, now
 * @param risk how risky the principal looks; when empty, found by {@link Surroundings}
 * @param model what is known of the version that would serve; asked only when a policy reads it
 * @param request what an inference request asks for
 */
public record Circumstances(
        Optional<String> source,
        Optional<String> segment,
        Optional<Instant> time,
        Optional<Risk> risk,
        Supplier<Optional<ModelFacts>> model,
        Optional<InferenceFacts> request) {
    private static final Circumstances NONE = from(Optional.empty());

    /** Nothing is known but what {@link Surroundings} know. */
    public static Circumstances none() {
        return NONE;
    }

    /** A call from this address. */
    public static Circumstances from(String source) {
        return from(Optional.of(source));
    }

    private static Circumstances from(Optional<String> source) {
        return new Circumstances(
                source,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional::empty,
                Optional.empty());
    }

    /** The same, about a model of which this is known. */
    public Circumstances about(Supplier<Optional<ModelFacts>> facts) {
        return new Circumstances(source, segment, time, risk, facts, request);
    }

    /** The same, with an inference request that asks for this. */
    public Circumstances asking(InferenceFacts asked) {
        return new Circumstances(source, segment, time, risk, model, Optional.of(asked));
    }

    /** How risky a principal looks, from the little that is usual to what must be stopped. */
    public enum Risk {
        NORMAL,
        ELEVATED,
        HIGH
    }

    /**
     * The version of a model that would serve.
     *
     * @param signer our name for who vouched for it
     */
    public record ModelFacts(int version, String signer) {}
}
