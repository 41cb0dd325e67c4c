package atlas.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.core.AuditEvent.InferenceIntent;
import atlas.core.AuditEvent.InferenceOutcome;
import atlas.core.WorkloadId;
import atlas.core.crypto.Hashes;
import atlas.guard.GuardConfig;
import atlas.guard.OutputFilter;
import atlas.identity.CertificateAuthority;
import atlas.identity.CertificateAuthority.IssuedCertificate;
import atlas.runtime.http.BodyWriter;
import atlas.runtime.http.ClientAuth;
import atlas.runtime.http.EdgeConfig;
import atlas.runtime.http.EdgeLimits;
import atlas.runtime.http.Exchange;
import atlas.runtime.http.Handler;
import atlas.runtime.http.Headers;
import atlas.runtime.http.HttpEdge;
import atlas.runtime.http.TlsIdentity;
import atlas.runtime.http.Upstream;
import atlas.runtime.http.UpstreamConfig;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The journey over real TLS: callers on one side, a node that demands our certificate behind. */
@Timeout(30)
class GatewayOverTlsTest {
    private static final CertificateAuthority AUTHORITY =
            CertificateAuthority.create("test", Clock.systemUTC());
    private static final WorkloadId NODE = WorkloadId.parse("spiffe://test/node/1");

    private final World world = new World();
    private volatile Handler engine =
            exchange -> exchange.respond(500, Headers.none(), new byte[0]);
    private final HttpEdge node =
            edge("node", server(NODE), ClientAuth.REQUIRED, e -> engine.handle(e));
    private final Upstream upstream = upstream(NODE);
    private final HttpClient client = client(HttpClient.Version.HTTP_2);
    private HttpEdge gateway = gateway();

    private HttpEdge gateway() {
        world.node = upstream::send;
        OutputFilter filter = OutputFilter.load(GuardConfig.defaults());
        world.filter = filter::open;
        return listen();
    }

    private HttpEdge listen() {
        return HttpEdge.start(
                new EdgeConfig(
                        "gateway",
                        new InetSocketAddress("127.0.0.1", 0),
                        server(WorkloadId.parse("spiffe://test/gateway")),
                        ClientAuth.OPTIONAL,
                        EdgeLimits.defaults()),
                world.door(),
                new EdgeProblems());
    }

    @AfterEach
    void stop() {
        client.shutdownNow();
        gateway.close();
        upstream.close();
        node.close();
    }

    private static HttpEdge edge(String name, TlsIdentity tls, ClientAuth auth, Handler handler) {
        return HttpEdge.start(
                new EdgeConfig(
                        name,
                        new InetSocketAddress("127.0.0.1", 0),
                        tls,
                        auth,
                        EdgeLimits.defaults()),
                handler);
    }

    private static TlsIdentity server(WorkloadId id) {
        return identity(
                AUTHORITY.server(
                        id, List.of("localhost"), List.of("127.0.0.1"), Duration.ofHours(1)));
    }

    private static TlsIdentity identity(IssuedCertificate issued) {
        return new TlsIdentity(issued.key(), issued.chain(), List.of(AUTHORITY.root()));
    }

    private Upstream upstream(WorkloadId expected) {
        WorkloadId us = WorkloadId.parse("spiffe://test/gateway");
        return Upstream.open(
                new UpstreamConfig(
                        "node-1",
                        "127.0.0.1",
                        node.address().getPort(),
                        Optional.of(identity(AUTHORITY.workload(us, Duration.ofHours(1)))),
                        Optional.of(expected),
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(10),
                        8,
                        Optional.empty()));
    }

    private static HttpClient client(HttpClient.Version version) {
        try {
            return HttpClient.newBuilder().sslContext(trusting()).version(version).build();
        } catch (GeneralSecurityException | IOException e) {
            throw new AssertionError(e);
        }
    }

    private static SSLContext trusting() throws GeneralSecurityException, IOException {
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        trusted.setCertificateEntry("root", AUTHORITY.root());
        TrustManagerFactory trust =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLSv1.3");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    private HttpRequest.Builder to(String path) {
        return HttpRequest.newBuilder(
                URI.create("https://localhost:" + gateway.address().getPort() + path));
    }

    private HttpRequest chat(String extra) {
        return to("/v1/chat/completions")
                .header("authorization", "Bearer ada")
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(World.body("llama", "hi", extra)))
                .build();
    }

    private static void stream(Exchange exchange, String... pieces) throws IOException {
        try (BodyWriter out =
                exchange.stream(200, Headers.of("content-type", "text/event-stream"))) {
            for (String piece : pieces) {
                out.write(piece.getBytes(StandardCharsets.UTF_8));
                out.flush();
            }
        }
    }

    @Test
    void answersOverBothVersionsOfHttp() throws Exception {
        engine =
                exchange -> {
                    assertThat(exchange.headers().first("atlas-model")).contains("llama@3");
                    assertThat(exchange.peer()).isNotEmpty();
                    exchange.respond(
                            200,
                            Headers.of("content-type", "application/json"),
                            World.WHOLE.getBytes(StandardCharsets.UTF_8));
                };
        for (HttpClient.Version version : HttpClient.Version.values()) {
            try (HttpClient versioned = client(version)) {
                HttpResponse<String> answer = versioned.send(chat(""), BodyHandlers.ofString());

                assertThat(answer.statusCode()).isEqualTo(200);
                assertThat(answer.body()).contains("\"content\":\"hello\"");
                assertThat(answer.headers().firstValue("x-request-id").orElse(""))
                        .startsWith("req_");
                assertThat(answer.headers().firstValue("atlas-journal-entry")).isPresent();
            }
        }
        assertThat(world.journal.of(InferenceOutcome.class)).hasSize(2);
    }

    @Test
    void letsTheFirstWordsThroughWhileTheEngineStillThinks() throws Exception {
        CountDownLatch seen = new CountDownLatch(1);
        engine =
                exchange -> {
                    try (BodyWriter out =
                            exchange.stream(200, Headers.of("content-type", "text/event-stream"))) {
                        String[] events = World.STREAM.split("(?<=\n\n)");
                        out.write(
                                events[0]
                                        .replace("hel", "first words ")
                                        .getBytes(StandardCharsets.UTF_8));
                        out.flush();
                        assertThat(seen.await(10, TimeUnit.SECONDS)).isTrue();
                        for (int i = 1; i < events.length; i++) {
                            out.write(events[i].getBytes(StandardCharsets.UTF_8));
                        }
                    }
                };

        HttpResponse<InputStream> answer =
                client.send(chat(",\"stream\":true"), BodyHandlers.ofInputStream());
        StringBuilder text = new StringBuilder();
        try (BufferedReader in =
                new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8))) {
            for (String line; (line = in.readLine()) != null; ) {
                text.append(line).append('\n');
                if (line.contains("first")) {
                    seen.countDown();
                }
            }
        }

        assertThat(text.toString()).endsWith("data: [DONE]\n\n");
        InferenceOutcome outcome = world.journal.await(InferenceOutcome.class);
        assertThat(outcome.status()).isEqualTo("ok");
        assertThat(outcome.answer().sha256())
                .isEqualTo(Hashes.sha256(text.toString().getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void takesSecretsOutOfTheStreamWhereverTheEngineCutsThem() throws Exception {
        String planted =
                "AKIAQ3EGTYJ7ZWK5M2PD and 4111 1111 1111 1111 and jane.doe@example.com bye";
        for (int cut = 0; cut < planted.length(); cut += 5) {
            String one = planted.substring(0, cut);
            String two = planted.substring(cut);
            engine =
                    exchange ->
                            stream(
                                    exchange,
                                    World.STREAM
                                            .replace("\"hel\"", "\"" + one + "\"")
                                            .replace("\"lo\"", "\"" + two + "\""));

            String text = client.send(chat(",\"stream\":true"), BodyHandlers.ofString()).body();

            String said = said(text);
            assertThat(said).as("cut at %d", cut).endsWith("bye").contains(" and ");
            assertThat(said)
                    .doesNotContain("AKIA")
                    .doesNotContain("4111")
                    .doesNotContain("jane.doe");
        }
        assertThat(world.journal.of(InferenceOutcome.class))
                .extracting(InferenceOutcome::status)
                .containsOnly("filtered");
    }

    private static String said(String stream) {
        StringBuilder said = new StringBuilder();
        for (String line : stream.split("\n")) {
            int at = line.indexOf("\"content\":\"");
            if (at > 0) {
                int from = at + "\"content\":\"".length();
                said.append(line, from, line.indexOf('"', from));
            }
        }
        return said.toString();
    }

    @Test
    void cancelsTheEngineAndRecordsItWhenTheClientLeaves() throws Exception {
        CountDownLatch noticed = new CountDownLatch(1);
        engine =
                exchange -> {
                    exchange.onClose(noticed::countDown);
                    BodyWriter out =
                            exchange.stream(200, Headers.of("content-type", "text/event-stream"));
                    out.write(
                            World.STREAM
                                    .split("(?<=\n\n)")[0]
                                    .replace("hel", "some words ")
                                    .getBytes(StandardCharsets.UTF_8));
                    out.flush();
                    assertThat(noticed.await(20, TimeUnit.SECONDS)).isTrue();
                };

        HttpResponse<InputStream> answer =
                client.send(chat(",\"stream\":true"), BodyHandlers.ofInputStream());
        assertThat(answer.body().read()).isEqualTo('d');
        answer.body().close();

        InferenceOutcome outcome = world.journal.await(InferenceOutcome.class);
        assertThat(outcome.status()).isEqualTo("cancelled");
        assertThat(noticed.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void cancelsTheEngineThatIsStillThinkingWhenTheClientLeaves() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch noticed = new CountDownLatch(1);
        engine =
                exchange -> {
                    exchange.onClose(noticed::countDown);
                    asked.countDown();
                    assertThat(noticed.await(20, TimeUnit.SECONDS)).isTrue();
                };

        var pending = client.sendAsync(chat(""), BodyHandlers.ofString());
        assertThat(asked.await(10, TimeUnit.SECONDS)).isTrue();
        pending.cancel(true);
        client.shutdownNow();

        assertThat(world.journal.await(InferenceOutcome.class).status()).isEqualTo("cancelled");
        assertThat(noticed.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void tellsAStreamThatBrokeOffFromOneThatEnded() throws Exception {
        engine =
                exchange -> {
                    BodyWriter out =
                            exchange.stream(200, Headers.of("content-type", "text/event-stream"));
                    out.write(World.STREAM.substring(0, 100).getBytes(StandardCharsets.UTF_8));
                    out.flush();
                    throw new IllegalStateException("the engine dies");
                };

        String text = client.send(chat(",\"stream\":true"), BodyHandlers.ofString()).body();

        assertThat(text).contains("\"code\":\"upstream_error\"").doesNotContain("[DONE]");
        assertThat(world.journal.await(InferenceOutcome.class).status()).isEqualTo("failed");
    }

    @Test
    void abortsTheAnswerWhoseOutcomeCannotBeRecorded() {
        engine = exchange -> stream(exchange, World.STREAM);
        world.journal.refuse(e -> e instanceof InferenceOutcome);

        assertThatThrownBy(() -> client.send(chat(",\"stream\":true"), BodyHandlers.ofString()))
                .isInstanceOf(IOException.class);
        assertThat(world.journal.of(InferenceIntent.class)).hasSize(1);
    }

    @Test
    void sendsNothingToANodeThatIsNotTheOneExpected() throws Exception {
        try (Upstream other = upstream(WorkloadId.parse("spiffe://test/node/2"))) {
            world.node = other::send;
            gateway.close();
            gateway = listen();

            HttpResponse<String> answer = client.send(chat(""), BodyHandlers.ofString());

            assertThat(answer.statusCode()).isEqualTo(503);
            assertThat(world.journal.await(InferenceOutcome.class).error())
                    .isEqualTo("engine: tls");
        }
    }

    @Test
    void showsStrangersTheSameAnswerOnTheWire() throws Exception {
        HttpResponse<String> first = client.send(to("/").GET().build(), BodyHandlers.ofString());
        for (String path : List.of("/health", "/v1/models", "/v1/chat/completions", "/x/y")) {
            HttpResponse<String> answer =
                    client.send(to(path).GET().build(), BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(401);
            assertThat(answer.body()).isEqualTo(first.body());
            assertThat(answer.headers().map().keySet()).isEqualTo(first.headers().map().keySet());
        }
    }

    @Test
    void speaksItsDialectAlsoWhereTheEdgeRefuses() throws Exception {
        HttpResponse<String> answer =
                client.send(
                        to("/v1/chat/completions")
                                .header("authorization", "Bearer ada")
                                .POST(HttpRequest.BodyPublishers.ofByteArray(new byte[5 << 20]))
                                .build(),
                        BodyHandlers.ofString());

        assertThat(answer.statusCode()).isEqualTo(413);
        assertThat(answer.body()).contains("\"code\":\"request_too_large\"");
    }
}
