package atlas.gateway;

import atlas.core.Principal;
import atlas.gateway.InnerExchange.Kept;
import atlas.gateway.openai.BrokenAnswer;
import atlas.gateway.openai.EmbeddingReader;
import atlas.gateway.openai.Operation;
import atlas.runtime.http.Exchange;
import java.util.List;

/**
 * Has texts embedded by a model behind Atlas, on the same journey as any request for embeddings:
 * policy, registry, budget, guard and journal see them as if the caller had sent them there.
 */
final class Embedder {
    private final RequestJourney journey;
    private final String suffix;

    /**
     * @param suffix as {@link InnerExchange} has it
     */
    Embedder(RequestJourney journey, String suffix) {
        this.journey = journey;
        this.suffix = suffix;
    }

    /**
     * The vectors of some texts.
     *
     * @param entry where the journal has the intent
     */
    record Embedded(List<float[]> vectors, String entry) {}

    /** The journey ended otherwise; this is what it answered, already recorded. */
    static final class Otherwise extends Exception {
        private static final long serialVersionUID = 1L;

        private final transient Kept answer;

        Otherwise(Kept answer) {
            super("the texts were not embedded", null, false, false);
            this.answer = answer;
        }

        Kept answer() {
            return answer;
        }
    }

    Embedded embed(Exchange outer, Principal caller, String model, List<String> texts)
            throws Otherwise, Refused {
        InnerExchange inner =
                new InnerExchange(outer, EmbeddingReader.request(model, texts), suffix);
        journey.travelFor(caller, inner, Operation.EMBEDDING);
        Kept kept =
                inner.kept()
                        .orElseThrow(() -> new Refused(Refusal.UNAVAILABLE, "embeddings ended"));
        if (kept.status() != 200) {
            throw new Otherwise(kept);
        }
        try {
            return new Embedded(
                    EmbeddingReader.vectors(kept.body(), texts.size()),
                    kept.headers().first("atlas-journal-entry").orElse(""));
        } catch (BrokenAnswer e) {
            throw new Refused(Refusal.UPSTREAM_ERROR, String.valueOf(e.getMessage()));
        }
    }
}
