package atlas.gateway;

import atlas.core.AuditEvent.Actor;
import atlas.core.Glob;
import atlas.core.ModelRef;
import atlas.core.Principal;
import atlas.core.Role;
import atlas.core.Sensitive;
import atlas.core.WorkloadId;
import atlas.guard.GuardConfig;
import atlas.guard.OutputFilter;
import atlas.guard.PromptGuard;
import atlas.identity.ApiKeyStore;
import atlas.identity.ApiKeys;
import atlas.identity.CertificateAuthority;
import atlas.identity.CertificateAuthority.IssuedCertificate;
import atlas.identity.KeyLimits;
import atlas.identity.revocation.Revocations;
import atlas.identity.spending.Spending;
import atlas.journal.JournalEntry;
import atlas.policy.Grant;
import atlas.policy.MemoryGrantStore;
import atlas.policy.RolePolicy;
import atlas.registry.ModelRegistry;
import atlas.registry.ModelSigner;
import atlas.registry.RegistryConfig;
import atlas.registry.TrustedSigners;
import atlas.runtime.http.ClientAuth;
import atlas.runtime.http.EdgeConfig;
import atlas.runtime.http.EdgeLimits;
import atlas.runtime.http.Handler;
import atlas.runtime.http.Headers;
import atlas.runtime.http.HttpEdge;
import atlas.runtime.http.TlsIdentity;
import atlas.watch.Metrics;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.spec.ECGenParameterSpec;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A gateway process over real rooms and real TLS, before a node that does as it is told. */
final class WholeGateway implements AutoCloseable {
    static final Actor PUSHER = new Actor("paula", "default", "api_key", "k1", "test");
    static final Actor APPROVER = new Actor("aron", "default", "api_key", "k2", "test");
    static final Actor DEPLOYER = new Actor("dora", "default", "api_key", "k3", "test");
    static final String FIRST =
            "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":"
                    + "\"The first words of an answer. \"}}]}\n\n";
    static final String REST =
            "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"The end.\"}}]}\n\n"
                + "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
                + "data:"
                + " {\"choices\":[],\"usage\":{\"prompt_tokens\":20,\"completion_tokens\":10,\"total_tokens\":30}}\n\n"
                + "data: [DONE]\n\n";

    private static final Charset UTF = StandardCharsets.UTF_8;
    private static final Clock CLOCK = Clock.systemUTC();
    private static final CertificateAuthority AUTHORITY =
            CertificateAuthority.create("test", CLOCK);
    private static final PromptGuard GUARD = PromptGuard.load(GuardConfig.defaults());
    private static final OutputFilter FILTER = OutputFilter.load(GuardConfig.defaults());

    final Spending.Store spent = Spending.Store.memory();
    final MemoryAuditLog journal = new MemoryAuditLog();
    final MemoryGrantStore grants = new MemoryGrantStore();
    final Revocations revocations = Revocations.unkept(CLOCK);
    final Metrics metrics = new Metrics();

    /** What is asked instead of {@link #spent}. */
    volatile Spending.Store spendingStore = spent;

    final Spending spending =
            new Spending(
                    new Spending.Store() {
                        @Override
                        public Optional<Spending.Spent> find(String keyId) {
                            return spendingStore.find(keyId);
                        }

                        @Override
                        public void put(String keyId, Spending.Spent now) {
                            spendingStore.put(keyId, now);
                        }
                    },
                    CLOCK);

    final ApiKeys keys;
    final ModelRegistry registry;
    volatile Handler engine = exchange -> exchange.respond(500, Headers.none(), new byte[0]);

    private final Path directory;
    private final KeyPair signer = keyPair();
    private final HttpEdge node;
    private final GatewayProcess gateway;
    private final HttpClient client = client();

    WholeGateway(Path directory, ApiKeyStore store) throws IOException {
        this.directory = directory;
        this.keys = new ApiKeys(store, Sensitive.of(new byte[32]), CLOCK);
        this.registry =
                ModelRegistry.open(
                        new RegistryConfig(directory.resolve("models")),
                        new PlainObjects(),
                        new TestSealer(),
                        TrustedSigners.none().withKey("demo", signer.getPublic()),
                        journal,
                        CLOCK);
        deploy("llama");
        for (String who : List.of("ada", "bob")) {
            grant(who);
        }
        this.node =
                HttpEdge.start(
                        new EdgeConfig(
                                "node",
                                new InetSocketAddress("127.0.0.1", 0),
                                server("node"),
                                ClientAuth.REQUIRED,
                                EdgeLimits.defaults()),
                        exchange -> engine.handle(exchange));
        this.gateway = GatewayProcess.start(config(), parts());
    }

    private GatewayConfig config() {
        GatewayConfig plain = GatewayConfig.defaults();
        return new GatewayConfig(
                "127.0.0.1",
                0,
                plain.record(),
                plain.recordRules(),
                plain.maxRecordedChars(),
                plain.firstByteTimeout(),
                plain.answerTimeout(),
                plain.maxAnswerBytes(),
                plain.maxCallsPerBackend(),
                plain.strangersPerMinute(),
                plain.limits(),
                List.of(
                        new GatewayConfig.Node(
                                "node-1",
                                "127.0.0.1",
                                node.address().getPort(),
                                WorkloadId.parse("spiffe://test/node"))),
                List.of(),
                GatewayConfig.SemanticCache.defaults());
    }

    private GatewayParts parts() {
        TestTokens callers = TestTokens.of(keys, AUTHORITY, List.of(), revocations, CLOCK);
        return new GatewayParts(
                callers.authenticator(),
                Optional.of(callers.tokens()),
                new RolePolicy(grants, CLOCK),
                registry,
                GUARD,
                FILTER,
                journal,
                new NoReceipts(),
                metrics,
                spending,
                server("gateway"),
                identity(
                        AUTHORITY.workload(
                                WorkloadId.parse("spiffe://test/gateway"), Duration.ofHours(1))),
                CLOCK);
    }

    /** Gives a principal the role of a consumer of every model. */
    void grant(String who) {
        grants.put(
                new Grant(
                        who,
                        Role.CONSUMER,
                        List.of(new Glob("*")),
                        Principal.DEFAULT_TENANT,
                        Optional.empty()));
    }

    /** Pushes, approves and deploys the next version of a model. */
    ModelRef deploy(String name) throws IOException {
        Path folder = Files.createTempDirectory(directory, "in-");
        Files.write(folder.resolve("config.json"), "{\"model_type\": \"toy\"}".getBytes(UTF));
        ModelSigner.Signature signature =
                new ModelSigner(signer.getPrivate(), Optional.empty()).sign(folder);
        ModelRef ref = registry.push(folder, name, signature, PUSHER, _ -> {}).ref();
        registry.approve(ref, APPROVER);
        registry.deploy(ref, DEPLOYER);
        return ref;
    }

    ApiKeys.Issued issue(String who) {
        return issue(who, KeyLimits.NONE, Duration.ofHours(1));
    }

    ApiKeys.Issued issue(String who, KeyLimits limits, Duration lifetime) {
        return keys.issue(
                new ApiKeys.KeyRequest(
                        who,
                        Principal.Kind.HUMAN,
                        Principal.DEFAULT_TENANT,
                        Set.of(Role.CONSUMER),
                        List.of(new Glob("*")),
                        limits,
                        lifetime,
                        ""));
    }

    /** A streamed answer of which the first words were read. */
    final class Open {
        private final CompletableFuture<String> whole;

        private Open(CompletableFuture<String> whole) {
            this.whole = whole;
        }

        /** All of it, once it has ended; it has to within this time. */
        String ended(long millis) throws Exception {
            return whole.get(millis, TimeUnit.MILLISECONDS);
        }

        boolean running() {
            return !whole.isDone();
        }
    }

    /** Asks for a stream and returns when its first words are here. */
    Open open(ApiKeys.Issued key) throws Exception {
        return open(key.secret().reveal());
    }

    /** The same with any credential. */
    Open open(String credential) throws Exception {
        CompletableFuture<String> first = new CompletableFuture<>();
        CompletableFuture<String> whole = new CompletableFuture<>();
        HttpResponse<InputStream> answer =
                client.send(chat(credential, ",\"stream\":true"), BodyHandlers.ofInputStream());
        Thread.ofVirtual()
                .start(() -> {
                    StringBuilder text = new StringBuilder();
                    try (BufferedReader in =
                            new BufferedReader(new InputStreamReader(answer.body(), UTF))) {
                        for (String line; (line = in.readLine()) != null; ) {
                            text.append(line).append('\n');
                            if (line.contains("first words")) {
                                first.complete("");
                            }
                        }
                        whole.complete(text.toString());
                    } catch (IOException e) {
                        whole.completeExceptionally(new UncheckedIOException(text.toString(), e));
                    }
                    first.complete("");
                });
        first.get(20, TimeUnit.SECONDS);
        return new Open(whole);
    }

    HttpResponse<String> ask(ApiKeys.Issued key, String extra) throws Exception {
        return ask(key.secret().reveal(), extra);
    }

    HttpResponse<String> ask(String credential, String extra) throws Exception {
        return client.send(chat(credential, extra), BodyHandlers.ofString());
    }

    /** A short-lived token for a key, by the token endpoint. */
    String exchanged(ApiKeys.Issued key) throws Exception {
        String form =
                "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange"
                        + "&subject_token_type=urn%3Aatlas%3Aparams%3Aoauth%3Atoken-type%3Aapi-key"
                        + "&subject_token="
                        + key.secret().reveal();
        String answer =
                client.send(
                                HttpRequest.newBuilder(uri("/oauth2/token"))
                                        .header("content-type", "application/x-www-form-urlencoded")
                                        .POST(HttpRequest.BodyPublishers.ofString(form))
                                        .build(),
                                BodyHandlers.ofString())
                        .body();
        int at = answer.indexOf("\"access_token\":\"") + 16;
        if (at < 16) {
            throw new AssertionError("no token: " + answer);
        }
        return answer.substring(at, answer.indexOf('"', at));
    }

    CompletableFuture<HttpResponse<String>> asking(ApiKeys.Issued key, String extra) {
        return client.sendAsync(chat(key.secret().reveal(), extra), BodyHandlers.ofString());
    }

    HttpResponse<String> get(String path, String credential) throws Exception {
        return client.send(
                HttpRequest.newBuilder(uri(path))
                        .header("authorization", "Bearer " + credential)
                        .build(),
                BodyHandlers.ofString());
    }

    private HttpRequest chat(String credential, String extra) {
        return HttpRequest.newBuilder(uri("/v1/chat/completions"))
                .header("authorization", "Bearer " + credential)
                .header("content-type", "application/json")
                .POST(
                        HttpRequest.BodyPublishers.ofString(
                                World.body("llama", "What is the capital of France?", extra)))
                .build();
    }

    private URI uri(String path) {
        return URI.create("https://localhost:" + gateway.address().getPort() + path);
    }

    private static TlsIdentity server(String name) {
        return identity(
                AUTHORITY.server(
                        WorkloadId.parse("spiffe://test/" + name),
                        List.of("localhost"),
                        List.of("127.0.0.1"),
                        Duration.ofHours(1)));
    }

    private static TlsIdentity identity(IssuedCertificate issued) {
        return new TlsIdentity(issued.key(), issued.chain(), List.of(AUTHORITY.root()));
    }

    private static KeyPair keyPair() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static HttpClient client() {
        try {
            KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
            trusted.load(null, null);
            trusted.setCertificateEntry("root", AUTHORITY.root());
            TrustManagerFactory trust =
                    TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);
            SSLContext context = SSLContext.getInstance("TLSv1.3");
            context.init(null, trust.getTrustManagers(), null);
            return HttpClient.newBuilder().sslContext(context).build();
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
        gateway.close();
        node.close();
        registry.close();
    }

    private static final class NoReceipts implements GatewayParts.Receipts {
        @Override
        public List<JournalEntry> find(String requestId) {
            return List.of();
        }

        @Override
        public String prove(long index) {
            return "";
        }

        @Override
        public Optional<JournalEntry.Evidence> evidence(long index) {
            return Optional.empty();
        }

        @Override
        public String sign(String requestId, List<JournalEntry.Evidence> parts) {
            throw new AssertionError("nothing is signed here");
        }
    }

    /** Streams the first words of an answer, and the rest when it is told to, unless given up. */
    static Handler talking(CompletableFuture<?> goOn, AtomicInteger givenUp) {
        return exchange -> {
            CompletableFuture<Void> left = new CompletableFuture<>();
            exchange.onClose(() -> {
                givenUp.incrementAndGet();
                left.complete(null);
            });
            try (var out = exchange.stream(200, Headers.of("content-type", "text/event-stream"))) {
                out.write(FIRST.getBytes(UTF));
                out.flush();
                CompletableFuture.anyOf(goOn, left).join();
                out.write(REST.getBytes(UTF));
            }
        };
    }

    /** Thinks until it is given up. */
    static Handler thinking(CompletableFuture<Void> asked, CompletableFuture<Void> givenUp) {
        return exchange -> {
            exchange.onClose(() -> givenUp.complete(null));
            asked.complete(null);
            givenUp.join();
        };
    }
}
