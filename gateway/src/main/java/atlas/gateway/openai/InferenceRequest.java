package atlas.gateway.openai;

import atlas.core.AuditEvent.InferenceParameters;
import atlas.core.json.Json;
import atlas.guard.Channel;
import atlas.guard.PromptPart;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A request as it was read, once. Everything a model will see is in {@code parts}, or named in
 * {@code unseen}; what is forwarded is written from the same reading.
 *
 * @param usageAsked whether the caller wants the usage chunk at the end of a stream
 * @param responseFormat the type asked for; {@code text} unless said
 * @param choices how many answers the model is to make to one prompt
 * @param parts every piece of text in the order of the body
 * @param unseen kinds of content the guard cannot read, such as {@code image}
 * @param body exactly what the caller sent
 * @param canonical the accepted fields, as a JSON object without {@code model} and the stream
 *     fields
 */
public record InferenceRequest(
        Operation operation,
        String model,
        boolean stream,
        boolean usageAsked,
        InferenceParameters parameters,
        String responseFormat,
        long choices,
        List<PromptPart> parts,
        Set<String> unseen,
        byte[] body,
        byte[] canonical) {
    private static final Pattern INSTRUCTIONS = Pattern.compile("messages|system");

    public InferenceRequest {
        parts = List.copyOf(parts);
        unseen = Set.copyOf(unseen);
    }

    /**
     * The body for an engine that knows the model by this name. Usage is asked for in every stream:
     * what is recorded must not depend on what the caller wants to see.
     */
    public byte[] forwardedAs(String engineModel) {
        byte[] head =
                Json.bytes(out -> {
                    out.writeStartObject();
                    out.writeStringField("model", engineModel);
                    if (operation != Operation.EMBEDDING) {
                        out.writeBooleanField("stream", stream);
                    }
                    if (stream) {
                        out.writeObjectFieldStart("stream_options");
                        out.writeBooleanField("include_usage", true);
                        out.writeEndObject();
                    }
                    out.writeEndObject();
                });
        byte[] whole = new byte[head.length + canonical.length - 1];
        System.arraycopy(head, 0, whole, 0, head.length);
        whole[head.length - 1] = ',';
        System.arraycopy(canonical, 1, whole, head.length, canonical.length - 1);
        return whole;
    }

    /** What the answer must not give away: the instructions of the application. */
    public List<String> protectedTexts() {
        List<String> texts = new ArrayList<>(1);
        for (PromptPart part : parts) {
            if (part.channel() == Channel.SYSTEM && INSTRUCTIONS.matcher(part.name()).lookingAt()) {
                texts.add(part.text());
            }
        }
        return texts;
    }
}
