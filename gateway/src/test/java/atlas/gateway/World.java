package atlas.gateway;

import atlas.core.Digest;
import atlas.core.Glob;
import atlas.core.ModelRef;
import atlas.core.Principal;
import atlas.core.Role;
import atlas.core.Sensitive;
import atlas.core.crypto.Hashes;
import atlas.gateway.openai.Operation;
import atlas.guard.Inspection;
import atlas.guard.OutputFilter;
import atlas.guard.PromptPart;
import atlas.identity.Authentication;
import atlas.identity.KeyLimits;
import atlas.identity.Presented;
import atlas.identity.spending.Spending;
import atlas.journal.JournalEntry;
import atlas.policy.Grant;
import atlas.policy.MemoryGrantStore;
import atlas.policy.PolicyDecisionPoint;
import atlas.policy.RolePolicy;
import atlas.registry.Admission;
import atlas.registry.ModelVersion;
import atlas.runtime.LiveCalls;
import atlas.runtime.http.Headers;
import atlas.runtime.http.UpstreamException;
import atlas.runtime.http.UpstreamResponse;
import atlas.vectors.VectorStores;
import atlas.watch.Metrics;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** A whole gateway in memory whose every room can be made to fail. */
final class World {
    static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");
    static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);
    static final LiveCalls LIVE =
            new LiveCalls("live-test", LiveCalls.Rounds.defaults(), Clock.systemUTC());
    static final String SECRET = "AKIAIOSFODNN7EXAMPLE";
    static final String WHOLE =
            """
            {"id":"e","object":"chat.completion","created":1,"model":"e","choices":[{"index":0,
            "message":{"role":"assistant","content":"hello"},"finish_reason":"stop"}],
            "usage":{"prompt_tokens":2,"completion_tokens":1,"total_tokens":3}}\
            """;
    static final String STREAM =
            """
            data: {"choices":[{"index":0,"delta":{"role":"assistant","content":"hel"}}]}

            data: {"choices":[{"index":0,"delta":{"content":"lo"}}]}

            data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}

            data: {"choices":[],"usage":{"prompt_tokens":2,"completion_tokens":2,"total_tokens":4}}

            data: [DONE]

            """;

    /** What one call to an engine was. */
    record Sent(String path, Headers headers, String body) {}

    final MemoryAuditLog journal = new MemoryAuditLog();
    final List<Sent> sent = new ArrayList<>();
    final Map<String, ModelVersion> deployed = new HashMap<>();
    final Metrics metrics = new Metrics();
    final List<JournalEntry> entries = new ArrayList<>();
    Function<Presented, Authentication> identity = this::known;
    final MemoryGrantStore grants = new MemoryGrantStore();
    PolicyDecisionPoint policy;
    Supplier<RuntimeException> registryFault = () -> null;
    Function<List<PromptPart>, Inspection> guard = World::judge;
    Function<List<String>, OutputFilter.Session> filter = _ -> new WordFilter();
    Engine engine = () -> FakeResponse.json(200, WHOLE);
    Backends.Sender node = this::send;
    GatewayConfig.Kept recording = GatewayConfig.Kept.FULL;
    List<GatewayConfig.RecordRule> recordRules = List.of();
    List<GatewayConfig.Engine> engines = List.of();
    Optional<VectorStores> vectors = Optional.empty();
    Optional<VectorStores> answers = Optional.empty();
    GatewayConfig.SemanticCache semanticCache = GatewayConfig.SemanticCache.defaults();
    Clock clock = CLOCK;
    KeyLimits limits = KeyLimits.NONE;
    final Spending spending = new Spending(Spending.Store.memory(), CLOCK);
    final Strangers strangers = new Strangers(journal, CLOCK, 3);

    /** What the engine does when it is called. */
    interface Engine {
        UpstreamResponse answer() throws UpstreamException;
    }

    World() {
        grants.put(grant("ada", Role.CONSUMER, "llama*"));
        grants.put(grant("bob", Role.CONSUMER, "other"));
        grants.put(new Grant("eve", Role.AUDITOR, List.of(), "default", Optional.empty()));
        policy = new RolePolicy(grants, CLOCK);
        deploy("llama", Map.of());
        deploy("llama-vision", Map.of("input-modalities", "text,image"));
        deploy("other", Map.of());
    }

    private static Grant grant(String who, Role role, String models) {
        return new Grant(who, role, List.of(new Glob(models)), "default", Optional.empty());
    }

    void deploy(String name, Map<String, String> card) {
        deployed.put(
                name,
                new ModelVersion(
                        new ModelRef(name, 3),
                        digest(name),
                        "demo-signer",
                        ModelVersion.State.DEPLOYED,
                        "mona",
                        NOW,
                        Optional.of("ada"),
                        List.of(),
                        card));
    }

    static Digest digest(String name) {
        return Hashes.sha256(name);
    }

    FrontDoor door() {
        Rooms.Models models = new MemoryModels();
        Rooms rooms =
                new Rooms(
                        new Known(),
                        policy,
                        models,
                        (parts, _) -> guard.apply(parts),
                        filter,
                        journal,
                        LIVE,
                        spending,
                        CLOCK);
        policy.onChange(LIVE::changed);
        Map<String, Served.Remote> remotes = new HashMap<>();
        Map<String, Backends.Backend> remoteBackends = new HashMap<>();
        for (GatewayConfig.Engine remote : engines) {
            remotes.put(remote.model(), new Served.Remote(remote));
            remoteBackends.put(
                    remote.model(),
                    new Backends.Backend(
                            "engine:" + remote.model(),
                            this::send,
                            Optional.of(Sensitive.of("engine-key"))));
        }
        Backends.Backend first = new Backends.Backend("node-1", node, Optional.empty());
        Backends backends =
                new Backends(List.of(first), remoteBackends, Duration.ofSeconds(5), 4096);
        Recording records =
                new Recording(
                        recording, recordRules, 10_000, text -> text.replace(SECRET, "[SECRET]"));
        Exit exit = new Exit(journal, records, strangers, metrics);
        Gate gate = new Gate(rooms.identity()::authenticate, strangers);
        List<Way> ways = new ArrayList<>();
        RequestJourney requests =
                new RequestJourney(
                        gate,
                        rooms,
                        remotes,
                        records,
                        new Answers(backends, Optional.empty()),
                        exit);
        Optional<AnswerCache> cache =
                answers.map(stores ->
                        new AnswerCache(
                                semanticCache,
                                stores,
                                new Embedder(requests, "-question"),
                                "llama-embed",
                                clock));
        Answers from = new Answers(backends, cache);
        ways.addAll(new RequestJourney(gate, rooms, remotes, records, from, exit).ways());
        vectors.ifPresent(stores ->
                ways.addAll(
                        new VectorsJourney(gate, rooms, stores, requests, records, exit).ways()));
        ways.addAll(new ModelsJourney(gate, rooms, remotes, exit).ways());
        ways.addAll(new ReceiptJourney(gate, new MemoryReceipts(), exit).ways());
        return new FrontDoor(gate, ways, exit);
    }

    FakeExchange handle(FakeExchange exchange) {
        door().handle(exchange);
        return exchange;
    }

    static FakeExchange ask(String key, String path, String body) {
        return new FakeExchange(
                "POST",
                path,
                Headers.of("authorization", "Bearer " + key, "content-type", "application/json"),
                body);
    }

    static FakeExchange chat(String extra) {
        return ask("ada", Operation.CHAT.path(), body("llama", "hi", extra));
    }

    static String body(String model, String text, String extra) {
        return "{\"model\":\"%s\",\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]%s}"
                .formatted(model, text, extra);
    }

    static FakeExchange read(String key, String path) {
        return new FakeExchange("GET", path, Headers.of("authorization", "Bearer " + key), "");
    }

    private UpstreamResponse send(
            String method,
            String path,
            Headers headers,
            byte[] body,
            Duration deadline,
            CompletionStage<?> ready)
            throws UpstreamException {
        try {
            ready.toCompletableFuture().join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException unready ? unready : e;
        }
        sent.add(new Sent(path, headers, new String(body, StandardCharsets.UTF_8)));
        return engine.answer();
    }

    private Authentication known(Presented presented) {
        List<String> offered =
                Stream.of(presented.authorization(), presented.apiKey())
                        .flatMap(List::stream)
                        .map(text -> text.reveal().replaceFirst("(?i)^bearer +", "").strip())
                        .toList();
        if (offered.size() > 1) {
            return new Authentication.Rejected("two_credentials", "");
        }
        String who = offered.isEmpty() ? "" : offered.getFirst();
        return switch (who) {
            case "ada", "bob" -> authenticated(who, Role.CONSUMER, List.of(new Glob("*")));
            case "eve" -> authenticated(who, Role.AUDITOR, List.of());
            case "" -> new Authentication.Rejected("no_credential", "");
            default -> new Authentication.Rejected("key_unknown", "a key");
        };
    }

    static Authentication authenticated(String who, Role role, List<Glob> models) {
        return new Authentication.Authenticated(
                new Principal(
                        who,
                        Principal.Kind.HUMAN,
                        Principal.DEFAULT_TENANT,
                        Set.of(role),
                        models,
                        new Principal.Credential(
                                Principal.Credential.Kind.API_KEY,
                                "key-" + who,
                                NOW,
                                NOW.plusSeconds(3600),
                                Optional.empty())));
    }

    private static Inspection judge(List<PromptPart> parts) {
        long bytes =
                parts.stream()
                        .mapToLong(p -> p.text().getBytes(StandardCharsets.UTF_8).length)
                        .sum();
        var report =
                new atlas.core.AuditEvent.GuardReport(
                        "scanned", bytes, bytes, List.of("test/1"), 0, List.of());
        boolean bad = parts.stream().anyMatch(p -> p.text().contains("ignore all rules"));
        return bad
                ? new Inspection.Blocked(report, "messages[0].content looks like an injection")
                : new Inspection.Clean(report);
    }

    private final class Known implements Rooms.Identity {
        @Override
        public Authentication authenticate(Presented presented) {
            return identity.apply(presented);
        }

        @Override
        public Optional<KeyLimits> limits(String keyId) {
            return Optional.of(limits);
        }

        @Override
        public Authentication again(Presented presented) {
            return identity.apply(presented);
        }
    }

    private final class MemoryModels implements Rooms.Models {
        @Override
        public Admission admit(String name) {
            RuntimeException fault = registryFault.get();
            if (fault != null) {
                throw fault;
            }
            ModelVersion version = deployed.get(name);
            return version == null ? new Admission.NotAdmitted("not deployed") : admitted(version);
        }

        @Override
        public List<ModelVersion> list() {
            return deployed.values().stream()
                    .sorted(java.util.Comparator.comparing(v -> v.ref().name()))
                    .toList();
        }
    }

    /** The registry alone makes this proof; a test about the gateway may borrow its stamp. */
    private static Admission admitted(ModelVersion version) {
        try {
            var stamp = Admission.Admitted.class.getDeclaredConstructor(ModelVersion.class);
            stamp.setAccessible(true);
            return stamp.newInstance(version);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError("the registry's proof has changed its shape", e);
        }
    }

    private final class MemoryReceipts implements GatewayParts.Receipts {
        @Override
        public List<JournalEntry> find(String requestId) {
            return entries.stream().filter(e -> e.json().contains(requestId)).toList();
        }

        @Override
        public String prove(long index) {
            return "c2sp.org/tlog-proof@v1\nindex " + index + "\n";
        }

        @Override
        public Optional<JournalEntry.Evidence> evidence(long index) {
            return Optional.of(
                    new JournalEntry.Evidence(
                            entries.get((int) index),
                            new byte[] {1},
                            new byte[] {2},
                            new byte[] {'{', '}'}));
        }

        @Override
        public String sign(String requestId, List<JournalEntry.Evidence> parts) {
            return requestId + " " + parts.size();
        }
    }
}
