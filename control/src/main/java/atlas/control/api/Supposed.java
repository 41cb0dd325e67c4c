package atlas.control.api;

import atlas.core.Principal.Claims;
import atlas.core.Principal.Credential;
import atlas.core.WorkloadId;
import atlas.policy.Circumstances;
import atlas.policy.Circumstances.ModelFacts;
import atlas.policy.Circumstances.Risk;
import atlas.policy.InferenceFacts;
import atlas.policy.InferenceFacts.Classification;
import atlas.policy.InferenceFacts.Output;
import atlas.policy.InferenceFacts.Sampling;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a question supposes about the call it asks about: the facts of conditions by name, without
 * {@code context.} before them. What is not supposed is not known; a request is known as soon as
 * one thing of it is.
 */
final class Supposed {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<String> NAMES =
            Set.of(
                    "source",
                    "segment",
                    "time",
                    "risk",
                    "groups",
                    "credential.kind",
                    "credential.age",
                    "credential.expires_in",
                    "credential.workload",
                    "resource.version",
                    "resource.signer",
                    "request.operation",
                    "request.classification",
                    "request.prompt_tokens",
                    "request.max_tokens",
                    "request.temperature",
                    "request.tools",
                    "request.stream",
                    "request.logprobs",
                    "request.response_format");
    private static final String ATTRIBUTE = "attribute.";
    private static final long DAY = 86_400;

    private final Map<String, JsonNode> given;
    private final Instant now;

    private Supposed(Map<String, JsonNode> given, Instant now) {
        this.given = given;
        this.now = now;
    }

    /** Reads a JSON object of facts; nothing is supposed when there is none. */
    static Supposed read(Optional<String> json, Clock clock) throws Refusal {
        Map<String, JsonNode> given = new TreeMap<>();
        try {
            JsonNode root = JSON.readTree(json.orElse("{}"));
            if (!root.isObject()) {
                throw Problems.invalid("`context` is not a JSON object");
            }
            for (Map.Entry<String, JsonNode> entry : root.properties()) {
                String name = entry.getKey();
                if (!NAMES.contains(name) && !name.startsWith(ATTRIBUTE)) {
                    throw Problems.invalid(
                            "`context` knows no `%s`; it knows %s and `attribute.NAME`"
                                    .formatted(name, NAMES.stream().sorted().toList()));
                }
                given.put(name, entry.getValue());
            }
        } catch (JsonProcessingException e) {
            throw Problems.invalid("`context` is not valid JSON");
        }
        return new Supposed(given, clock.instant());
    }

    Circumstances circumstances() throws Refusal {
        Optional<ModelFacts> facts =
                given.containsKey("resource.version")
                        ? Optional.of(
                                new ModelFacts(
                                        (int) number("resource.version", 0),
                                        text("resource.signer").orElse("")))
                        : Optional.empty();
        Circumstances known =
                new Circumstances(
                        text("source"),
                        text("segment"),
                        Optional.of(time()),
                        given.containsKey("risk")
                                ? Optional.of(choice("risk", Risk.values(), Risk.NORMAL))
                                : Optional.empty(),
                        () -> facts,
                        Optional.empty());
        boolean request = given.keySet().stream().anyMatch(name -> name.startsWith("request."));
        return request ? known.asking(asked()) : known;
    }

    Claims claims() throws Refusal {
        Map<String, String> attributes = new HashMap<>();
        for (String name : given.keySet()) {
            if (name.startsWith(ATTRIBUTE)) {
                attributes.put(name.substring(ATTRIBUTE.length()), text(name).orElse(""));
            }
        }
        return new Claims(new HashSet<>(texts("groups")), attributes);
    }

    Credential credential() throws Refusal {
        Optional<WorkloadId> workload = Optional.empty();
        if (given.containsKey("credential.workload")) {
            try {
                workload = text("credential.workload").map(WorkloadId::parse);
            } catch (IllegalArgumentException e) {
                throw Problems.invalid(String.valueOf(e.getMessage()));
            }
        }
        return new Credential(
                choice("credential.kind", Credential.Kind.values(), Credential.Kind.API_KEY),
                "supposed",
                time().minusSeconds(number("credential.age", 0)),
                time().plusSeconds(number("credential.expires_in", DAY)),
                workload);
    }

    private InferenceFacts asked() throws Refusal {
        return new InferenceFacts(
                text("request.operation").orElse("chat"),
                choice("request.classification", Classification.values(), Classification.INTERNAL),
                number("request.prompt_tokens", 0),
                new Sampling(
                        given.containsKey("request.max_tokens")
                                ? OptionalLong.of(number("request.max_tokens", 0))
                                : OptionalLong.empty(),
                        given.containsKey("request.temperature")
                                ? OptionalDouble.of(given("request.temperature").asDouble())
                                : OptionalDouble.empty()),
                new Output(
                        flag("request.stream"),
                        flag("request.logprobs"),
                        text("request.response_format").orElse("text")),
                texts("request.tools"));
    }

    private Instant time() throws Refusal {
        try {
            return text("time").map(Instant::parse).orElse(now);
        } catch (DateTimeException e) {
            throw Problems.invalid("`time` is not like `2026-03-01T12:00:00Z`");
        }
    }

    private JsonNode given(String name) {
        return given.getOrDefault(name, JSON.nullNode());
    }

    private Optional<String> text(String name) throws Refusal {
        if (!given.containsKey(name)) {
            return Optional.empty();
        }
        if (!given(name).isTextual()) {
            throw Problems.invalid("`" + name + "` must be a string");
        }
        return Optional.of(given(name).asText());
    }

    private List<String> texts(String name) throws Refusal {
        if (!given.containsKey(name)) {
            return List.of();
        }
        List<String> texts = new java.util.ArrayList<>();
        for (JsonNode element : given(name)) {
            texts.add(element.asText());
        }
        if (!given(name).isArray()) {
            throw Problems.invalid("`" + name + "` must be an array of strings");
        }
        return texts;
    }

    private boolean flag(String name) throws Refusal {
        if (given.containsKey(name) && !given(name).isBoolean()) {
            throw Problems.invalid("`" + name + "` must be true or false");
        }
        return given(name).asBoolean(false);
    }

    private long number(String name, long otherwise) throws Refusal {
        if (!given.containsKey(name)) {
            return otherwise;
        }
        JsonNode node = given(name);
        if (!node.isIntegralNumber() || node.longValue() < 0 || node.longValue() > 1L << 40) {
            throw Problems.invalid("`" + name + "` must be a whole number of at most 2^40");
        }
        return node.longValue();
    }

    private <E extends Enum<E>> E choice(String name, E[] choices, E otherwise) throws Refusal {
        Optional<String> said = text(name);
        if (said.isEmpty()) {
            return otherwise;
        }
        List<String> names =
                Arrays.stream(choices).map(c -> c.name().toLowerCase(Locale.ROOT)).toList();
        int at = names.indexOf(said.get());
        if (at < 0) {
            throw Problems.invalid("`" + name + "` is one of " + names);
        }
        return choices[at];
    }
}
