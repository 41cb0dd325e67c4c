package atlas.policy.cedar;

import static atlas.policy.cedar.FactType.ADDRESS;
import static atlas.policy.cedar.FactType.BOOL;
import static atlas.policy.cedar.FactType.DECIMAL;
import static atlas.policy.cedar.FactType.LONG;
import static atlas.policy.cedar.FactType.STRING;
import static atlas.policy.cedar.FactType.STRINGS;
import static atlas.policy.cedar.FactType.TIME;

import atlas.policy.InferenceFacts;
import atlas.policy.Question;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Everything a condition may look at, with its place, its type and where it comes from. The schema
 * is written from this table, and what the engine is shown is read from it.
 */
enum Fact {
    PRINCIPAL_ID("principal.id", STRING, "the principal's id", q -> q.principal().id()),
    PRINCIPAL_KIND("principal.kind", STRING, "human, service or workload", Readings::principalKind),
    PRINCIPAL_ENTITY(
            "principal", STRING, "the principal itself, its roles and groups", Readings::whole),
    PRINCIPAL_TAGS(
            "principal.tags", STRING, "what its issuer asserts: getTag(\"...\")", Readings::tags),

    RESOURCE_ENTITY("resource", STRING, "the resource itself", q -> q.resource().toString()),
    RESOURCE_NAME("resource.name", STRING, "the model's name", q -> q.resource().name()),
    MODEL_VERSION(
            "resource.version", LONG, "the version that would serve, if any", Readings::version),
    MODEL_SIGNER("resource.signer", STRING, "who vouched for that version", Readings::signer),

    ACTION("action", STRING, "the action itself", q -> q.action().wireName()),

    SOURCE("context.source", ADDRESS, "the address the call came from", Readings::source),
    SEGMENT(
            "context.segment",
            STRING,
            "the network segment of that address, or nothing",
            Readings::segment),
    TIME_OF_CALL("context.time", TIME, "when, to the second, UTC", Readings::time),
    WEEKDAY("context.weekday", STRING, "mon, tue, wed, thu, fri, sat, sun; UTC", Readings::weekday),
    RISK("context.risk", STRING, "normal, elevated or high", Readings::risk),
    CREDENTIAL_KIND(
            "context.credential.kind",
            STRING,
            "api_key, jwt, certificate, atlas_token or session",
            Readings::credentialKind),
    CREDENTIAL_AGE(
            "context.credential.age", LONG, "seconds since it was issued", Readings::credentialAge),
    CREDENTIAL_LIFE(
            "context.credential.expires_in",
            LONG,
            "seconds until it ends",
            Readings::credentialLife),
    CHANNEL(
            "context.credential.workload",
            STRING,
            "the SPIFFE ID of the channel, if it has one",
            Readings::channel),

    OPERATION(
            "context.request.operation",
            STRING,
            "chat, text_completion or embeddings",
            Readings.asked(InferenceFacts::operation)),
    CLASSIFICATION(
            "context.request.classification",
            STRING,
            "public, internal, confidential or restricted, as the caller says",
            Readings.asked(a -> a.classification().wireName())),
    PROMPT_TOKENS(
            "context.request.prompt_tokens",
            LONG,
            "an estimate from the length of the text",
            Readings.asked(InferenceFacts::promptTokens)),
    MAX_TOKENS(
            "context.request.max_tokens",
            LONG,
            "the limit asked for, if any",
            Readings.asked(Readings::maxTokens)),
    TEMPERATURE(
            "context.request.temperature",
            DECIMAL,
            "what was asked for, if anything, rounded up to four places",
            Readings.asked(Readings::temperature)),
    TOOLS(
            "context.request.tools",
            STRINGS,
            "names of the tools offered to the model",
            Readings.asked(a -> a.tools().stream().sorted().distinct().toList())),
    TOOL_COUNT(
            "context.request.tool_count",
            LONG,
            "how many tools are offered",
            Readings.asked(a -> (long) a.tools().size())),
    STREAM(
            "context.request.stream",
            BOOL,
            "whether the answer is streamed",
            Readings.asked(a -> a.output().stream())),
    LOGPROBS(
            "context.request.logprobs",
            BOOL,
            "whether token probabilities are asked for",
            Readings.asked(a -> a.output().logprobs())),
    RESPONSE_FORMAT(
            "context.request.response_format",
            STRING,
            "text, json_object or json_schema",
            Readings.asked(a -> a.output().responseFormat()));

    /** In place of a value nobody knows: not the same as a value that is not there. */
    static final Object UNKNOWN = new Object();

    private final String name;
    private final List<String> path;
    private final FactType type;
    private final String meaning;
    private final Function<Question, @Nullable Object> reading;

    Fact(String name, FactType type, String meaning, Function<Question, @Nullable Object> reading) {
        this.name = name;
        this.path = Arrays.asList(name.split("\\."));
        this.type = type;
        this.meaning = meaning;
        this.reading = reading;
    }

    /** As a policy writes it. */
    String dotted() {
        return name;
    }

    List<String> path() {
        return path;
    }

    FactType type() {
        return type;
    }

    String meaning() {
        return meaning;
    }

    /** Whether it may be missing, so that a policy has to ask `has` first. */
    boolean optional() {
        return switch (this) {
            case MODEL_VERSION, MODEL_SIGNER, CHANNEL, MAX_TOKENS, TEMPERATURE -> true;
            default -> false;
        };
    }

    /** Whether it is an attribute of a place in the schema, not an entity or a tag. */
    boolean attribute() {
        return switch (this) {
            case PRINCIPAL_ENTITY, PRINCIPAL_TAGS, RESOURCE_ENTITY, ACTION -> false;
            default -> true;
        };
    }

    /** The value, null when there is none, {@link #UNKNOWN} when nobody can say. */
    @Nullable Object read(Question question) {
        return reading.apply(question);
    }
}
