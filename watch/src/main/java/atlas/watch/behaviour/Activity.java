package atlas.watch.behaviour;

import java.time.Instant;

/**
 * One thing a principal did, as the rules see it: who, from where, how much. Never a text.
 *
 * @param index where it stands in the journal, or its line in a file
 * @param kind what it was
 * @param credential the key or certificate, by reference
 * @param network the network it came from; empty when unknown
 * @param client what the caller calls itself or how it proves itself; empty when unknown
 * @param place the country or place of the network; empty when no place is configured for it
 * @param operation {@code chat}, {@code embeddings}, an administrative action; empty when unknown
 * @param denied whether it was refused
 * @param injected whether the guard saw an injection
 * @param prompt a fingerprint of the prompt; 0 when there is none
 */
public record Activity(
        long index,
        Instant when,
        Kind kind,
        String principal,
        String tenant,
        String credential,
        String network,
        String client,
        String place,
        String operation,
        String model,
        long inputTokens,
        long outputTokens,
        boolean denied,
        boolean injected,
        long prompt) {

    /** What sort of act it was. */
    public enum Kind {
        INFERENCE,
        ADMINISTRATION
    }

    long millis() {
        return when.toEpochMilli();
    }

    boolean inference() {
        return kind == Kind.INFERENCE;
    }
}
