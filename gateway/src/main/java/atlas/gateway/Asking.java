package atlas.gateway;

import atlas.core.AuditEvent.InferenceParameters;
import atlas.gateway.openai.InferenceRequest;
import atlas.guard.PromptPart;
import atlas.policy.Circumstances;
import atlas.policy.InferenceFacts;
import atlas.policy.InferenceFacts.Classification;
import atlas.policy.InferenceFacts.Output;
import atlas.policy.InferenceFacts.Sampling;
import atlas.runtime.http.Exchange;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/** Puts what is known of one request into the words policy has for it. */
final class Asking {
    /** How sensitive the caller says its data is; {@code internal} when it does not say. */
    static final String CLASSIFICATION = "atlas-data-classification";

    // Of English text; other scripts have more tokens in fewer characters, but more bytes in each.
    private static final int BYTES_PER_TOKEN = 4;

    private Asking() {}

    /** An inference request, about this model. */
    static Circumstances about(Exchange exchange, InferenceRequest request, Candidate model)
            throws Refused {
        InferenceParameters parameters = request.parameters();
        InferenceFacts facts =
                new InferenceFacts(
                        request.operation().wireName(),
                        classification(exchange),
                        promptTokens(request.parts()),
                        new Sampling(
                                parameters
                                        .maxTokens()
                                        .map(OptionalLong::of)
                                        .orElseGet(OptionalLong::empty),
                                parameters
                                        .temperature()
                                        .map(OptionalDouble::of)
                                        .orElseGet(OptionalDouble::empty)),
                        new Output(request.stream(), false, request.responseFormat()),
                        parameters.tools());
        return Circumstances.from(exchange.source()).about(model::facts).asking(facts);
    }

    /** Whether the model may be used at all, from here and now. */
    static Circumstances atAll(Exchange exchange, Candidate model) {
        return Circumstances.from(exchange.source()).about(model::facts).asking(InferenceFacts.ANY);
    }

    private static Classification classification(Exchange exchange) throws Refused {
        List<String> said = exchange.headers().all(CLASSIFICATION);
        if (said.isEmpty()) {
            return Classification.INTERNAL;
        }
        if (said.size() > 1) {
            throw invalid("`" + CLASSIFICATION + "` may be sent once");
        }
        return Classification.ofWireName(said.getFirst())
                .orElseThrow(() ->
                        invalid(
                                "`%s` must be one of %s"
                                        .formatted(
                                                CLASSIFICATION,
                                                Arrays.stream(Classification.values())
                                                        .map(Classification::wireName)
                                                        .toList())));
    }

    private static Refused invalid(String message) {
        return new Refused(Refusal.INVALID_REQUEST, message, message, CLASSIFICATION);
    }

    /** An estimate: no tokenizer is asked. */
    static long promptTokens(List<PromptPart> parts) {
        long bytes = 0;
        for (PromptPart part : parts) {
            bytes += utf8Length(part.text());
        }
        return (bytes + BYTES_PER_TOKEN - 1) / BYTES_PER_TOKEN;
    }

    private static long utf8Length(String text) {
        long bytes = text.length();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            // Each half of a surrogate pair counts two of its four bytes.
            bytes += c < 0x80 ? 0 : c < 0x800 || Character.isSurrogate(c) ? 1 : 2;
        }
        return bytes;
    }
}
