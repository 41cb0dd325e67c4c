package atlas.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.core.AuditEvent;
import atlas.core.Digest;
import atlas.core.Glob;
import atlas.core.Principal;
import atlas.core.Role;
import atlas.core.Sensitive;
import atlas.core.WorkloadId;
import atlas.core.crypto.ObjectContext;
import atlas.core.crypto.ObjectSealer;
import atlas.core.crypto.OpenedObject;
import atlas.core.crypto.SealedObject;
import atlas.core.json.Json;
import atlas.guard.GuardConfig;
import atlas.guard.OutputFilter;
import atlas.guard.PromptGuard;
import atlas.identity.ApiKeys;
import atlas.identity.CertificateAuthority;
import atlas.identity.CertificateAuthority.IssuedCertificate;
import atlas.identity.MemoryApiKeyStore;
import atlas.identity.revocation.Revocations;
import atlas.identity.spending.Spending;
import atlas.journal.Journal;
import atlas.journal.JournalConfig;
import atlas.journal.JournalEntry;
import atlas.journal.JournalKeys;
import atlas.journal.JournalQuery;
import atlas.journal.ProofVerification;
import atlas.journal.ProofVerifier;
import atlas.policy.Grant;
import atlas.policy.MemoryGrantStore;
import atlas.policy.RolePolicy;
import atlas.registry.ModelRegistry;
import atlas.registry.RegistryConfig;
import atlas.registry.TrustedSigners;
import atlas.runtime.http.ClientAuth;
import atlas.runtime.http.EdgeConfig;
import atlas.runtime.http.EdgeLimits;
import atlas.runtime.http.Headers;
import atlas.runtime.http.HttpEdge;
import atlas.runtime.http.TlsIdentity;
import atlas.watch.Metrics;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The whole process: real identity, policy, guard and journal, before a remote engine over TLS. */
@Timeout(60)
class GatewayProcessTest {
    private static final Clock CLOCK = Clock.systemUTC();

    @TempDir Path directory;

    private final CertificateAuthority authority = CertificateAuthority.create("test", CLOCK);
    private final ApiKeys keys =
            new ApiKeys(new MemoryApiKeyStore(), Sensitive.of(new byte[32]), CLOCK);
    private final Metrics metrics = new Metrics();
    private final List<String> shown = new CopyOnWriteArrayList<>();

    @Test
    void servesRecordsAndProvesARequest() throws Exception {
        JournalKeys journalKeys = JournalKeys.create("test", new TestSealer());
        try (HttpEdge engine = engine();
                Journal journal =
                        Journal.open(
                                JournalConfig.defaults(directory.resolve("journal"), "test"),
                                journalKeys,
                                CLOCK);
                ModelRegistry registry = registry(journal)) {
            HttpResponse<String> answer;
            HttpResponse<String> receipt;
            try (GatewayProcess gateway =
                            GatewayProcess.start(config(engine), parts(journal, registry));
                    HttpClient client = client()) {
                String base = "https://localhost:" + gateway.address().getPort();
                String key = issue("ada");
                answer = client.send(chat(base, key), BodyHandlers.ofString());
                receipt =
                        client.send(
                                get(base + "/v1/receipts/" + id(answer), key),
                                BodyHandlers.ofString());
                HttpResponse<String> stolen =
                        client.send(
                                get(base + "/v1/receipts/" + id(answer), issue("bob")),
                                BodyHandlers.ofString());
                HttpResponse<String> stranger =
                        client.send(get(base + "/health", "nobody"), BodyHandlers.ofString());
                assertThat(stolen.statusCode()).isEqualTo(404);
                assertThat(stranger.statusCode()).isEqualTo(401);
            }

            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body()).contains("hello [REDACTED:EMAIL_ADDRESS]");
            assertThat(journal.search(newest()))
                    .extracting(JournalEntry::kind)
                    .containsExactly(
                            "process.started",
                            "inference.intent",
                            "inference.outcome",
                            "access.refused",
                            "process.stopped");
            proves(receipt, journalKeys.vkey());
            assertThat(metrics.openMetrics())
                    .contains("atlas_requests_total{code=\"ok\",operation=\"chat\"} 1.0")
                    .contains("atlas_journal_append_seconds_count 3");
        }
    }

    @Test
    void showsRenewedCertificatesToCallersAndEngines() throws Exception {
        JournalKeys journalKeys = JournalKeys.create("test", new TestSealer());
        try (HttpEdge engine = engine();
                Journal journal =
                        Journal.open(
                                JournalConfig.defaults(directory.resolve("renewed"), "test"),
                                journalKeys,
                                CLOCK);
                ModelRegistry registry = registry(journal)) {
            GatewayParts parts = parts(journal, registry);
            TlsIdentity server = server("gateway");
            TlsIdentity workload =
                    identity(
                            authority.workload(
                                    WorkloadId.parse("spiffe://test/gateway"),
                                    Duration.ofHours(1)));
            try (GatewayProcess gateway = GatewayProcess.start(config(engine), parts)) {
                String base = "https://localhost:" + gateway.address().getPort();
                String key = issue("ada");

                assertThat(asked(base, key)).isEqualTo(serial(parts.server()));
                assertThat(shown).containsExactly(serial(parts.workload()));
                gateway.reload(server, workload);

                assertThat(asked(base, key)).isEqualTo(serial(server));
                assertThat(shown).containsExactly(serial(parts.workload()), serial(workload));
            }
        }
    }

    /** Asks over a connection of its own; the certificate the gateway showed. */
    private String asked(String base, String key) throws Exception {
        try (HttpClient client = client()) {
            HttpResponse<String> answer = client.send(chat(base, key), BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(200);
            X509Certificate gateway =
                    (X509Certificate) answer.sslSession().orElseThrow().getPeerCertificates()[0];
            return gateway.getSerialNumber().toString(16);
        }
    }

    private static String serial(TlsIdentity identity) {
        return identity.chain().getFirst().getSerialNumber().toString(16);
    }

    private static JournalQuery newest() {
        JournalQuery all = JournalQuery.newest(100);
        return new JournalQuery(
                all.kind(),
                all.principal(),
                all.requestId(),
                all.model(),
                all.outcome(),
                all.text(),
                all.since(),
                all.until(),
                -1,
                100,
                false);
    }

    private static void proves(HttpResponse<String> receipt, String vkey) throws IOException {
        assertThat(receipt.statusCode()).isEqualTo(200);
        Map<String, String> fields = fields(receipt.body());
        for (String entry : List.of("intent", "outcome")) {
            Digest leaf = Digest.parse(fields.getOrDefault(entry + ".leaf_hash", ""));
            assertThat(ProofVerifier.verify(fields.getOrDefault(entry + ".proof", ""), vkey, leaf))
                    .isInstanceOf(ProofVerification.Holds.class);
        }
    }

    /** Strings of a JSON object of objects, by {@code object.name}. */
    private static Map<String, String> fields(String json) throws IOException {
        Map<String, String> fields = new HashMap<>();
        try (JsonParser in = Json.factory().createParser(json)) {
            while (in.nextToken() != null) {
                if (in.currentToken() == JsonToken.VALUE_STRING) {
                    String outer = in.getParsingContext().getParent().getCurrentName();
                    fields.put(outer + "." + in.currentName(), in.getText());
                }
            }
        }
        return fields;
    }

    private HttpEdge engine() {
        String body = World.WHOLE.replace("hello", "hello jane.doe@corp.example.org");
        return HttpEdge.start(
                new EdgeConfig(
                        "engine",
                        new InetSocketAddress("127.0.0.1", 0),
                        server("engine"),
                        ClientAuth.REQUIRED,
                        EdgeLimits.defaults()),
                exchange -> {
                    shown.add(exchange.peer().getFirst().getSerialNumber().toString(16));
                    assertThat(exchange.headers().first("authorization"))
                            .contains("Bearer engine-key");
                    exchange.respond(
                            200,
                            Headers.of("content-type", "application/json"),
                            body.getBytes(StandardCharsets.UTF_8));
                });
    }

    private GatewayConfig config(HttpEdge engine) throws Exception {
        Path trust = directory.resolve("engine-ca.pem");
        String pem =
                "-----BEGIN CERTIFICATE-----\n"
                        + Base64.getMimeEncoder().encodeToString(authority.root().getEncoded())
                        + "\n-----END CERTIFICATE-----\n";
        Files.writeString(trust, pem);
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
                List.of(),
                List.of(
                        new GatewayConfig.Engine(
                                "llama",
                                "vendor/llama",
                                "127.0.0.1",
                                engine.address().getPort(),
                                true,
                                Optional.of(trust),
                                Optional.of(Sensitive.of("engine-key")),
                                List.of())),
                GatewayConfig.SemanticCache.defaults());
    }

    private GatewayParts parts(Journal journal, ModelRegistry registry) {
        MemoryGrantStore grants = new MemoryGrantStore();
        for (String who : List.of("ada", "bob")) {
            grants.put(
                    new Grant(
                            who,
                            Role.CONSUMER,
                            List.of(new Glob("*")),
                            Principal.DEFAULT_TENANT,
                            Optional.empty()));
        }
        TestTokens callers =
                TestTokens.of(keys, authority, List.of(), Revocations.unkept(CLOCK), CLOCK);
        return new GatewayParts(
                callers.authenticator(),
                Optional.of(callers.tokens()),
                new RolePolicy(grants, CLOCK),
                registry,
                PromptGuard.load(GuardConfig.defaults()),
                OutputFilter.load(GuardConfig.defaults()),
                journal,
                GatewayParts.Receipts.of(journal),
                metrics,
                new Spending(Spending.Store.memory(), CLOCK),
                server("gateway"),
                identity(
                        authority.workload(
                                WorkloadId.parse("spiffe://test/gateway"), Duration.ofHours(1))),
                CLOCK);
    }

    /** Holds no model, so that nothing is ever sealed. */
    private ModelRegistry registry(Journal journal) {
        ObjectSealer none =
                new ObjectSealer() {
                    @Override
                    public SealedObject seal(
                            ObjectContext context, InputStream plaintext, OutputStream ciphertext) {
                        throw new AssertionError("nothing is pushed here");
                    }

                    @Override
                    public OpenedObject open(ObjectContext context, Path ciphertext) {
                        throw new AssertionError("nothing is stored here");
                    }
                };
        return ModelRegistry.open(
                new RegistryConfig(directory.resolve("models")),
                none,
                new TestSealer(),
                TrustedSigners.none(),
                journal,
                CLOCK);
    }

    private TlsIdentity server(String name) {
        return identity(
                authority.server(
                        WorkloadId.parse("spiffe://test/" + name),
                        List.of("localhost"),
                        List.of("127.0.0.1"),
                        Duration.ofHours(1)));
    }

    private TlsIdentity identity(IssuedCertificate issued) {
        return new TlsIdentity(issued.key(), issued.chain(), List.of(authority.root()));
    }

    private String issue(String who) {
        return keys.issue(
                        new ApiKeys.KeyRequest(
                                who,
                                Principal.Kind.HUMAN,
                                Principal.DEFAULT_TENANT,
                                Set.of(Role.CONSUMER),
                                List.of(new Glob("*")),
                                Duration.ofHours(1),
                                ""))
                .secret()
                .reveal();
    }

    private static HttpRequest chat(String base, String key) {
        return HttpRequest.newBuilder(URI.create(base + "/v1/chat/completions"))
                .header("authorization", "Bearer " + key)
                .header("content-type", "application/json")
                .POST(
                        HttpRequest.BodyPublishers.ofString(
                                World.body("llama", "What is the capital of France?", "")))
                .build();
    }

    private static HttpRequest get(String uri, String key) {
        return HttpRequest.newBuilder(URI.create(uri)).header("x-api-key", key).build();
    }

    private static String id(HttpResponse<String> answer) {
        return answer.headers().firstValue("x-request-id").orElseThrow();
    }

    private HttpClient client() throws Exception {
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        trusted.setCertificateEntry("root", authority.root());
        TrustManagerFactory trust =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLSv1.3");
        context.init(null, trust.getTrustManagers(), null);
        return HttpClient.newBuilder().sslContext(context).build();
    }

    @Test
    void doesNotStartWhenItsStartCannotBeRecorded() {
        MemoryAuditLog journal = new MemoryAuditLog();
        journal.refuse(e -> e instanceof AuditEvent.ProcessStarted);
        GatewayParts.Receipts none =
                new GatewayParts.Receipts() {
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
                };

        JournalKeys journalKeys = JournalKeys.create("test", new TestSealer());
        try (Journal real =
                        Journal.open(
                                JournalConfig.defaults(directory.resolve("other"), "test"),
                                journalKeys,
                                CLOCK);
                ModelRegistry registry = registry(real)) {
            GatewayParts parts = parts(real, registry);
            GatewayParts deaf =
                    new GatewayParts(
                            parts.authenticator(),
                            parts.tokens(),
                            parts.policy(),
                            registry,
                            parts.guard(),
                            parts.filter(),
                            journal,
                            none,
                            metrics,
                            parts.spending(),
                            parts.server(),
                            parts.workload(),
                            CLOCK);

            assertThat(
                            org.assertj.core.api.Assertions.catchThrowable(
                                    () -> GatewayProcess.start(GatewayConfig.defaults(), deaf)))
                    .isInstanceOf(atlas.core.AuditUnavailableException.class);
        }
    }
}
