package atlas.gateway;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import atlas.core.AuditEvent.InferenceIntent;
import atlas.core.Glob;
import atlas.core.Principal;
import atlas.core.Role;
import atlas.core.Sensitive;
import atlas.core.WorkloadId;
import atlas.core.crypto.Hashes;
import atlas.guard.Inspection;
import atlas.guard.PromptPart;
import atlas.identity.ApiKeys;
import atlas.identity.Authenticator;
import atlas.identity.CertificateAuthority;
import atlas.identity.CertificateAuthority.IssuedCertificate;
import atlas.identity.JwtIssuers;
import atlas.identity.MemoryApiKeyStore;
import atlas.identity.WorkloadTrust;
import atlas.policy.Resource;
import atlas.runtime.http.ClientAuth;
import atlas.runtime.http.EdgeConfig;
import atlas.runtime.http.EdgeLimits;
import atlas.runtime.http.HttpEdge;
import atlas.runtime.http.TlsIdentity;
import atlas.runtime.http.Upstream;
import atlas.runtime.http.UpstreamConfig;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * What was authorised is what was forwarded. Odd and broken requests go to a real edge; for each
 * that comes out at the engine, the caller, the model, the parameters and the words that policy,
 * guard and journal saw must be those that two independent readers find in the bytes the client
 * sent and in the bytes the engine got.
 *
 * <p>{@code -Datlas.fuzz.seconds=600} makes a campaign of it, {@code -Datlas.fuzz.seed=N} begins
 * elsewhere; what fails is kept in {@code target/fuzz} with its seed.
 */
class ForwardedIsAuthorisedTest {
    private static final int SLICE = 240;
    private static final Set<String> SENT_ON =
            Set.of(
                    "host",
                    "content-type",
                    "accept-encoding",
                    "content-length",
                    "atlas-model",
                    "atlas-request-id");

    /** Ends the connection, so that the whole of what came back can be read. */
    private static final byte[] LAST =
            "GET /last HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                    .getBytes(ISO_8859_1);

    private static final CertificateAuthority AUTHORITY =
            CertificateAuthority.create("test", Clock.systemUTC());

    private final World world = new World();
    private final RecordingEngine engine = new RecordingEngine();
    private final Upstream upstream = upstream(engine.port());
    private final Map<String, String> keys = new HashMap<>();
    private final List<Asked> asked = new ArrayList<>();
    private final List<List<PromptPart>> inspected = new ArrayList<>();
    private final JwtIssuers issuers =
            new JwtIssuers(
                    List.of(),
                    place -> {
                        throw new IOException("no issuer is configured");
                    },
                    World.CLOCK);
    private final HttpEdge edge = edge();
    private final SSLContext tls = trusting();

    /** What policy was asked. */
    private record Asked(String principal, String model) {}

    private HttpEdge edge() {
        ApiKeys apiKeys =
                new ApiKeys(
                        new MemoryApiKeyStore(),
                        Sensitive.of(Hashes.sha256("pepper").hex().getBytes(ISO_8859_1)),
                        World.CLOCK);
        keys.put("{ada}", issue(apiKeys, "ada"));
        keys.put("{bob}", issue(apiKeys, "bob"));
        WorkloadTrust workloads =
                new WorkloadTrust(List.of(AUTHORITY.root()), "test", List.of(), World.CLOCK);
        Authenticator authenticator = new Authenticator(apiKeys, issuers, workloads, World.CLOCK);
        world.identity = authenticator::authenticate;
        world.node = upstream::send;
        world.policy = new WatchedPolicy(world.policy, this::decided);
        var judge = world.guard;
        world.guard =
                parts -> {
                    inspected.add(parts);
                    Inspection inspection = judge.apply(parts);
                    return inspection;
                };
        EdgeLimits usual = EdgeLimits.defaults();
        Duration soon = Duration.ofMillis(300);
        EdgeLimits limits =
                new EdgeLimits(
                        usual.maxHeaderBytes(),
                        usual.maxBodyBytes(),
                        usual.handshakeTimeout(),
                        soon,
                        soon,
                        soon,
                        usual.writeTimeout(),
                        usual.maxConnections(),
                        usual.maxConnectionsPerSource(),
                        usual.maxConcurrentStreams());
        IssuedCertificate server =
                AUTHORITY.server(
                        WorkloadId.parse("spiffe://test/gateway"),
                        List.of("localhost"),
                        List.of("127.0.0.1"),
                        Duration.ofHours(1));
        return HttpEdge.start(
                new EdgeConfig(
                        "gateway",
                        new InetSocketAddress("127.0.0.1", 0),
                        new TlsIdentity(server.key(), server.chain(), List.of()),
                        ClientAuth.NONE,
                        limits),
                world.door(),
                new EdgeProblems());
    }

    private static String issue(ApiKeys keys, String who) {
        return keys.issue(
                        new ApiKeys.KeyRequest(
                                who,
                                Principal.Kind.HUMAN,
                                Principal.DEFAULT_TENANT,
                                Set.of(Role.CONSUMER),
                                List.of(new Glob("*")),
                                Duration.ofDays(1),
                                ""))
                .secret()
                .reveal();
    }

    private static Upstream upstream(int port) {
        return Upstream.open(
                new UpstreamConfig(
                        "node-1",
                        "127.0.0.1",
                        port,
                        Optional.empty(),
                        Optional.empty(),
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(10),
                        8,
                        Optional.empty()));
    }

    private static SSLContext trusting() {
        try {
            KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
            trusted.load(null, null);
            trusted.setCertificateEntry("root", AUTHORITY.root());
            TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
            trust.init(trusted);
            SSLContext context = SSLContext.getInstance("TLSv1.3");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @AfterEach
    void stop() {
        edge.close();
        upstream.close();
        engine.close();
        issuers.close();
    }

    private void decided(Principal principal, Resource resource) {
        asked.add(new Asked(principal.id(), resource.name()));
    }

    @Test
    void whateverIsSent() throws Exception {
        long seed = Long.getLong("atlas.fuzz.seed", 20_261_126L);
        long seconds = Long.getLong("atlas.fuzz.seconds", 0);
        long end = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
        int cases = 0;
        int forwarded = 0;
        int refused = 0;
        while (cases < SLICE || System.nanoTime() < end) {
            long one = seed + cases++;
            byte[] bytes = new OddRequests(one).next();
            int came = check(one, bytes);
            forwarded += came;
            refused += came == 0 ? 1 : 0;
        }
        // Both must happen, or nothing was tested.
        assertThat(forwarded).as("forwarded of %d", cases).isGreaterThan(cases / 4);
        assertThat(refused).as("refused of %d", cases).isGreaterThan(cases / 8);
    }

    private int check(long seed, byte[] odd) throws IOException {
        asked.clear();
        inspected.clear();
        int intentsBefore = world.journal.of(InferenceIntent.class).size();
        byte[] sent = withKeys(odd);
        send(sent);
        List<byte[]> arrived = engine.taken();
        List<InferenceIntent> all = world.journal.of(InferenceIntent.class);
        List<InferenceIntent> intents = all.subList(intentsBefore, all.size());
        try {
            assertThat(arrived).as("forwarded and recorded").hasSameSizeAs(intents);
            List<SecondHttp.Request> said = new ArrayList<>(SecondHttp.requests(sent));
            for (int i = 0; i < arrived.size(); i++) {
                agree(said, arrived.get(i), intents.get(i));
            }
        } catch (AssertionError e) {
            Path kept = Files.createDirectories(Path.of("target/fuzz")).resolve(seed + ".http");
            Files.write(kept, odd);
            throw new AssertionError("seed " + seed + ", kept as " + kept, e);
        }
        return arrived.size();
    }

    /** One forwarded request against the next that the client's bytes hold. */
    private void agree(List<SecondHttp.Request> said, byte[] arrived, InferenceIntent intent) {
        List<SecondHttp.Request> read = SecondHttp.requests(arrived);
        assertThat(read).as("one request at the engine").hasSize(1);
        SecondHttp.Request got = read.getFirst();
        TreeSet<String> names = new TreeSet<>();
        got.fields().forEach(f -> assertThat(names.add(f[0])).as("twice: " + f[0]).isTrue());
        assertThat(SENT_ON).containsAll(names);
        assertThat(got.one("atlas-request-id")).contains(intent.requestId());

        SecondHttp.Request asked = cause(said, intent);
        assertThat(got.method()).isEqualTo("POST").isEqualTo(asked.method());
        assertThat(got.path()).isEqualTo(asked.path());
        assertThat(intent.actor().principal()).isEqualTo(callerOf(asked));
        Map<String, Object> wanted = object(asked.body());
        Map<String, Object> given = object(got.body());
        String model = String.valueOf(wanted.get("model"));
        assertThat(given.get("model")).isEqualTo(model);
        assertThat(intent.model().ref().name()).isEqualTo(model);
        assertThat(got.one("atlas-model")).contains(intent.model().ref().toString());
        assertThat(this.asked).contains(new Asked(callerOf(asked), model));
        parameters(wanted, given, intent);
        words(wanted, given);
    }

    /** The client's request that was recorded: its body is the one whose digest was taken. */
    private static SecondHttp.Request cause(List<SecondHttp.Request> said, InferenceIntent intent) {
        while (!said.isEmpty()) {
            SecondHttp.Request next = said.removeFirst();
            if (Hashes.sha256(next.body()).equals(intent.prompt().sha256())
                    && next.body().length == intent.prompt().bytes()) {
                return next;
            }
        }
        throw new AssertionError("recorded and forwarded, but no such request was sent");
    }

    private String callerOf(SecondHttp.Request asked) {
        List<String> shown = new ArrayList<>(asked.all("x-api-key"));
        for (String value : asked.all("authorization")) {
            assertThat(value.toLowerCase(java.util.Locale.ROOT)).startsWith("bearer ");
            shown.add(value.substring(7).strip());
        }
        assertThat(shown).as("credentials").hasSize(1);
        return shown.getFirst().equals(keys.get("{ada}")) ? "ada" : "bob";
    }

    private static void parameters(
            Map<String, Object> wanted, Map<String, Object> given, InferenceIntent intent) {
        for (String name : List.of("max_tokens", "max_completion_tokens", "temperature", "seed")) {
            assertThat(number(given, name)).as(name).isEqualTo(number(wanted, name));
        }
        Optional<BigDecimal> limit =
                number(given, "max_tokens").or(() -> number(given, "max_completion_tokens"));
        assertThat(intent.parameters().maxTokens())
                .isEqualTo(limit.map(BigDecimal::longValueExact));
        assertThat(intent.parameters().temperature())
                .isEqualTo(number(given, "temperature").map(BigDecimal::doubleValue));
        assertThat(intent.parameters().seed())
                .isEqualTo(number(given, "seed").map(BigDecimal::longValueExact));
        boolean stream = Boolean.TRUE.equals(wanted.get("stream"));
        assertThat(intent.parameters().stream()).isEqualTo(stream);
        assertThat(Boolean.TRUE.equals(given.get("stream"))).isEqualTo(stream);
        assertThat(given.get("stop")).isEqualTo(present(wanted.get("stop")));
    }

    /** What the guard read, what was asked and what the engine got are the same words. */
    private void words(Map<String, Object> wanted, Map<String, Object> given) {
        for (String name : List.of("messages", "prompt", "input")) {
            assertThat(given.get(name)).as(name).isEqualTo(wanted.get(name));
        }
        List<String> texts = new ArrayList<>();
        texts(given.get("messages"), texts);
        texts(given.get("prompt"), texts);
        texts(given.get("input"), texts);
        assertThat(inspected.stream().map(parts -> parts.stream().map(PromptPart::text).toList()))
                .contains(texts);
    }

    private static void texts(@Nullable Object value, List<String> out) {
        switch (value) {
            case null -> {}
            case String text -> out.add(text);
            case List<?> list -> list.forEach(element -> texts(element, out));
            case Map<?, ?> map ->
                    map.forEach((name, member) -> {
                        if (!Set.of("role", "type", "name").contains(name)) {
                            texts(member, out);
                        }
                    });
            default -> {}
        }
    }

    private static Optional<BigDecimal> number(Map<String, Object> from, String name) {
        return from.get(name) instanceof BigDecimal number ? Optional.of(number) : Optional.empty();
    }

    /** Null says the same as nothing. */
    @Nullable private static Object present(@Nullable Object value) {
        return value instanceof Optional<?> ? null : value;
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> object(byte[] body) {
        Object value = SecondJson.read(body).orElseThrow(() -> new AssertionError("not JSON"));
        return (Map<String, Object>) value;
    }

    private byte[] withKeys(byte[] odd) {
        String text = new String(odd, ISO_8859_1);
        for (Map.Entry<String, String> key : keys.entrySet()) {
            text = text.replace(key.getKey(), key.getValue());
        }
        return text.getBytes(ISO_8859_1);
    }

    private void send(byte[] bytes) throws IOException {
        try (SSLSocket socket =
                (SSLSocket)
                        tls.getSocketFactory()
                                .createSocket(
                                        InetAddress.getLoopbackAddress(),
                                        edge.address().getPort())) {
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setApplicationProtocols(new String[] {"http/1.1"});
            socket.setSSLParameters(parameters);
            socket.setSoTimeout(20_000);
            socket.startHandshake();
            try {
                socket.getOutputStream().write(bytes);
                socket.getOutputStream().write(LAST);
                socket.getOutputStream().flush();
            } catch (SocketException e) {
                // The edge has heard enough; its answer is read all the same.
                assertThat(e).hasMessageContaining("roken");
            }
            socket.getInputStream().readAllBytes();
        }
    }
}
