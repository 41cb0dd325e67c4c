package atlas.gateway.openai;

import atlas.core.Digest;
import atlas.core.Sensitive;
import atlas.core.crypto.Hashes;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * What an answer may be reused by: the last question, which may be put in other words, and
 * everything else that was sent, which may not differ in anything.
 *
 * @param question what the user said last
 * @param rest a digest of all other messages and parameters, and of the numbers in the question
 */
public record AnswerKey(Sensitive<String> question, Digest rest) {
    private static final Set<String> KNOWN =
            Set.of(
                    "messages",
                    "max_tokens",
                    "max_completion_tokens",
                    "temperature",
                    "top_p",
                    "top_k",
                    "min_p",
                    "stop",
                    "seed",
                    "presence_penalty",
                    "frequency_penalty",
                    "repetition_penalty",
                    "reasoning_effort",
                    "verbosity",
                    "response_format",
                    "n");

    // Two questions that differ in a number mean different things, and look alike to most models.
    private static final Pattern NUMBER = Pattern.compile("\\p{N}+");

    /**
     * The key of a request; empty for one whose answer cannot be given again as it was: a stream,
     * tools, several choices, a form of answer, content that is no text, or any parameter that is
     * not known here.
     */
    public static Optional<AnswerKey> of(InferenceRequest request) {
        if (request.operation() != Operation.CHAT
                || request.stream()
                || request.choices() != 1
                || !request.responseFormat().equals("text")
                || !request.parameters().tools().isEmpty()
                || !request.unseen().isEmpty()
                || request.parameters()
                        .seed()
                        .filter(seed -> Math.abs(seed) > 1L << 53)
                        .isPresent()) {
            return Optional.empty();
        }
        try {
            JsonBody body = JsonBody.read(request.canonical(), KNOWN);
            if (!(body.value("messages").orElse("") instanceof List<?> messages)
                    || messages.isEmpty()
                    || !(messages.getLast() instanceof Map<?, ?> last)
                    || !last.keySet().equals(Set.of("role", "content"))
                    || !"user".equals(last.get("role"))
                    || !(last.get("content") instanceof String question)
                    || question.isBlank()) {
                return Optional.empty();
            }
            Map<String, Object> rest = new TreeMap<>();
            for (String name : body.names()) {
                rest.put(name, body.value(name).orElseThrow());
            }
            rest.put("messages", List.copyOf(messages.subList(0, messages.size() - 1)));
            rest.put(
                    "numbers", NUMBER.matcher(question).results().map(MatchResult::group).toList());
            MessageDigest digest = Hashes.sha256();
            update(digest, rest);
            return Optional.of(new AnswerKey(Sensitive.of(question), Digest.of(digest.digest())));
        } catch (InvalidRequest e) {
            return Optional.empty();
        }
    }

    /** Every value with its type and its length before it, so that no two bodies come out alike. */
    private static void update(MessageDigest digest, Object value) {
        switch (value) {
            case Map<?, ?> map -> {
                head(digest, 'm', map.size());
                map.forEach((name, each) -> {
                    update(digest, name);
                    update(digest, each);
                });
            }
            case List<?> list -> {
                head(digest, 'l', list.size());
                list.forEach(each -> update(digest, each));
            }
            case double[] numbers -> {
                head(digest, 'a', numbers.length);
                for (double number : numbers) {
                    update(digest, number);
                }
            }
            case String text -> {
                byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
                head(digest, 's', utf8.length);
                digest.update(utf8);
            }
            case Double number ->
                    digest.update(ByteBuffer.allocate(9).put((byte) 'd').putDouble(number).array());
            case Boolean flag -> head(digest, 'b', flag ? 1 : 0);
            default -> throw new IllegalStateException("no value of JSON: " + value.getClass());
        }
    }

    private static void head(MessageDigest digest, char type, int length) {
        digest.update(ByteBuffer.allocate(5).put((byte) type).putInt(length).array());
    }
}
