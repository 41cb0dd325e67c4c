package atlas.gateway;

import atlas.core.Glob;
import atlas.core.ModelRef;
import atlas.core.Role;
import atlas.core.Sensitive;
import atlas.core.WorkloadId;
import atlas.runtime.http.EdgeLimits;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The {@code gateway} section of {@code atlas.yaml}.
 *
 * @param listenAddress where the data plane listens
 * @param record what of prompts and answers is kept in the journal, which seals it
 * @param recordRules what is kept for some models or roles instead; the first that applies decides
 * @param maxRecordedChars text kept of one prompt or answer; longer ones are cut and say so
 * @param firstByteTimeout how long an engine may take to begin its answer
 * @param answerTimeout how long a whole answer may take
 * @param maxAnswerBytes the largest answer taken from an engine in one piece
 * @param maxCallsPerBackend calls to one node or engine that may be under way at once
 * @param strangersPerMinute refusals of one address journaled one by one in a minute
 * @param nodes our own inference nodes, which verify what they load
 * @param engines remote OpenAI-compatible engines, which cannot prove their weights
 * @param semanticCache whose answers are given again
 */
public record GatewayConfig(
        String listenAddress,
        int listenPort,
        Kept record,
        List<RecordRule> recordRules,
        int maxRecordedChars,
        Duration firstByteTimeout,
        Duration answerTimeout,
        int maxAnswerBytes,
        int maxCallsPerBackend,
        int strangersPerMinute,
        EdgeLimits limits,
        List<Node> nodes,
        List<Engine> engines,
        SemanticCache semanticCache) {
    public GatewayConfig {
        require(listenPort >= 0 && listenPort <= 65_535, "`listen-port` is 0 to 65535");
        require(maxRecordedChars >= 0, "`max-recorded-chars` is not negative");
        require(firstByteTimeout.isPositive(), "`first-byte-timeout` is longer than nothing");
        require(
                answerTimeout.compareTo(firstByteTimeout) >= 0,
                "`answer-timeout` is at least `first-byte-timeout`");
        require(maxAnswerBytes >= 1024, "`max-answer-bytes` is at least 1024");
        require(maxCallsPerBackend >= 1, "`max-calls-per-backend` is at least 1");
        require(strangersPerMinute >= 0, "`strangers-per-minute` is not negative");
        recordRules = List.copyOf(recordRules);
        nodes = List.copyOf(nodes);
        engines = List.copyOf(engines);
        require(
                engines.stream().map(Engine::model).distinct().count() == engines.size(),
                "each model has at most one remote engine");
    }

    /**
     * Refuses rules about roles that nobody could hold: one that is misspelt would keep quietly
     * what it was written to leave out.
     *
     * @param known the roles there are
     * @throws IllegalArgumentException naming the first that is not among them
     */
    public void requireRoles(Set<Role> known) {
        for (RecordRule rule : recordRules) {
            rule.role()
                    .map(Role::of)
                    .filter(role -> !known.contains(role))
                    .ifPresent(role -> {
                        throw new IllegalArgumentException(
                                "`gateway.record-rules` names the role `"
                                        + role
                                        + "`, and there is none; roles are "
                                        + known.stream().sorted().map(r -> "`" + r + "`").toList()
                                        + ". A custom role is made by the policy file");
                    });
        }
    }

    /** How much of a prompt and an answer is recorded. */
    public enum Kept {
        /** Everything, sealed like every entry. */
        FULL,
        /** The texts, after secrets and personal data were taken out. */
        REDACTED,
        /** Length and digest. */
        HASH,
        /** Length only. */
        NONE
    }

    /**
     * What is kept for some.
     *
     * @param model the models it is about, {@code *} for any run of characters; all when absent
     * @param role whose requests it is about; everybody's when absent
     */
    public record RecordRule(Optional<String> model, Optional<String> role, Kept keep) {
        public RecordRule {
            require(
                    model.isPresent() || role.isPresent(),
                    "a rule of `record-rules` names a `model` or a `role`");
            require(
                    model.map(text -> !text.isEmpty() && text.length() <= 200).orElse(true),
                    "`model` of a rule has 1 to 200 characters");
            // As it is held by principals, whichever way it is spelled here.
            role = role.map(Role::of).map(Role::wireName);
        }

        boolean appliesTo(String name, Set<Role> roles) {
            return model.map(pattern -> new Glob(pattern).matches(name)).orElse(true)
                    && role.map(held -> roles.stream().anyMatch(r -> r.wireName().equals(held)))
                            .orElse(true);
        }
    }

    /** One of our nodes, reached over mTLS and recognised by its SPIFFE ID. */
    public record Node(String name, String host, int port, WorkloadId spiffeId) {}

    /**
     * An OpenAI-compatible engine of somebody else.
     *
     * @param model the name callers use
     * @param engineModel the name the engine uses
     * @param tls whether it is reached over TLS; without, only on loopback
     * @param trust PEM file of the authorities that may vouch for it; the system's if absent
     * @param key the engine's API key, by reference
     * @param inputModalities content besides text that it takes: {@code image}, {@code audio}
     */
    public record Engine(
            String model,
            String engineModel,
            String host,
            int port,
            boolean tls,
            Optional<Path> trust,
            Optional<Sensitive<String>> key,
            List<String> inputModalities) {
        public Engine {
            require(ModelRef.isName(model), "not a model name: `" + model + "`");
            inputModalities = List.copyOf(inputModalities);
        }
    }

    /**
     * Answers given before, for questions that mean the same.
     *
     * @param models whose answers are given again, {@code *} for any run of characters; none when
     *     empty
     * @param similarity the least cosine between two questions that mean the same
     * @param maxAge for how long an answer may be given again
     */
    public record SemanticCache(List<String> models, double similarity, Duration maxAge) {
        private static final Duration LONGEST = Duration.ofDays(30);

        public SemanticCache {
            models = List.copyOf(models);
            require(
                    models.stream().allMatch(text -> !text.isEmpty() && text.length() <= 200),
                    "each of `models` of `semantic-cache` has 1 to 200 characters");
            require(
                    similarity >= 0.5 && similarity <= 1,
                    "`similarity` of `semantic-cache` is 0.5 to 1");
            require(
                    maxAge.isPositive() && maxAge.compareTo(LONGEST) <= 0,
                    "`max-age` of `semantic-cache` is at most 30 days");
        }

        /** No model's. */
        public static SemanticCache defaults() {
            return new SemanticCache(List.of(), 0.97, Duration.ofHours(1));
        }

        /** Whether any answer is given again. */
        public boolean on() {
            return !models.isEmpty();
        }

        boolean appliesTo(String model) {
            return models.stream().anyMatch(pattern -> new Glob(pattern).matches(model));
        }
    }

    /** Loopback, everything recorded, nothing to forward to yet. */
    public static GatewayConfig defaults() {
        return new GatewayConfig(
                "127.0.0.1",
                8443,
                Kept.FULL,
                List.of(),
                4 << 20,
                Duration.ofMinutes(2),
                Duration.ofMinutes(15),
                16 << 20,
                256,
                10,
                EdgeLimits.defaults(),
                List.of(),
                List.of(),
                SemanticCache.defaults());
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new IllegalArgumentException(what);
        }
    }
}
