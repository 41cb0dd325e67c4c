package atlas.gateway;

import atlas.core.AuditEvent.Content;
import atlas.core.AuditEvent.ToolCall;
import atlas.core.Digest;
import atlas.core.Principal;
import atlas.core.Role;
import atlas.core.Sensitive;
import atlas.core.crypto.Hashes;
import atlas.core.json.Json;
import atlas.gateway.GatewayConfig.Kept;
import atlas.gateway.GatewayConfig.RecordRule;
import atlas.gateway.openai.InferenceRequest;
import atlas.guard.PromptPart;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * What of prompts and answers goes into the journal. The digest is always of the exact bytes that
 * the caller sent or was sent, so that either side can later show them; the text is at most as long
 * as the configuration says and its mode says so when it was cut.
 */
final class Recording {
    private static final Digest OF_NOTHING = Hashes.sha256(new byte[0]);

    private final Kept kept;
    private final List<RecordRule> rules;
    private final int maxChars;
    private final UnaryOperator<String> redact;

    /**
     * @param kept where no rule says otherwise
     * @param rules the first that applies decides
     * @param redact takes secrets and personal data out of a text
     */
    Recording(Kept kept, List<RecordRule> rules, int maxChars, UnaryOperator<String> redact) {
        this.kept = kept;
        this.rules = List.copyOf(rules);
        this.maxChars = maxChars;
        this.redact = redact;
    }

    /** What goes into the journal of what this caller and this model say to each other. */
    Recording of(Optional<Principal> caller, String model) {
        Set<Role> roles = caller.map(Principal::roles).orElse(Set.of());
        for (RecordRule rule : rules) {
            if (rule.appliesTo(model, roles)) {
                return new Recording(rule.keep(), List.of(), maxChars, redact);
            }
        }
        return this;
    }

    /** How much of an answer's text is worth keeping while it passes. */
    int answerChars() {
        return kept == Kept.FULL || kept == Kept.REDACTED ? maxChars : 0;
    }

    /** A prompt: the body as it came, or its texts without secrets. */
    Content prompt(InferenceRequest request) {
        byte[] body = request.body();
        return switch (kept) {
            case FULL -> content(body, new String(body, StandardCharsets.UTF_8));
            case REDACTED -> content(body, written(request.parts(), redact));
            case HASH, NONE -> content(body.length, digest(body), Optional.empty());
        };
    }

    /** Texts that come beside numbers: they alone, with or without secrets. */
    Content texts(byte[] body, List<PromptPart> parts) {
        return switch (kept) {
            case FULL -> content(body, written(parts, UnaryOperator.identity()));
            case REDACTED -> content(body, written(parts, redact));
            case HASH, NONE -> content(body.length, digest(body), Optional.empty());
        };
    }

    /**
     * An answer.
     *
     * @param said the texts that left, as JSON; they have been through the output filter
     */
    Content answer(long bytes, Digest digest, String said) {
        Digest shown = kept == Kept.NONE ? OF_NOTHING : digest;
        boolean text = answerChars() > 0 && !said.isEmpty();
        return content(bytes, shown, text ? Optional.of(said) : Optional.empty());
    }

    /** The tools an answer calls. */
    List<ToolCall> toolCalls(List<ToolCall> calls) {
        return kept != Kept.NONE
                ? calls
                : calls.stream()
                        .map(c -> new ToolCall(c.name(), c.argumentBytes(), Optional.empty()))
                        .toList();
    }

    private Content content(byte[] body, String text) {
        return content(body.length, Hashes.sha256(body), Optional.of(text));
    }

    private Content content(long bytes, Digest digest, Optional<String> text) {
        if (text.isPresent() && text.get().length() > maxChars) {
            String start = text.get().substring(0, maxChars);
            return new Content(mode() + "-cut", bytes, digest, Optional.of(Sensitive.of(start)));
        }
        return new Content(mode(), bytes, digest, text.map(Sensitive::of));
    }

    private String mode() {
        return kept.name().toLowerCase(Locale.ROOT);
    }

    private Digest digest(byte[] body) {
        return kept == Kept.NONE ? OF_NOTHING : Hashes.sha256(body);
    }

    private static String written(List<PromptPart> parts, UnaryOperator<String> shown) {
        byte[] json =
                Json.bytes(out -> {
                    out.writeStartArray();
                    for (PromptPart part : parts) {
                        out.writeStartObject();
                        out.writeStringField("field", part.name());
                        out.writeStringField("text", shown.apply(part.text()));
                        out.writeEndObject();
                    }
                    out.writeEndArray();
                });
        return new String(json, StandardCharsets.UTF_8);
    }
}
