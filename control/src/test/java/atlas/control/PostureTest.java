package atlas.control;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.control.posture.Facing;
import atlas.control.posture.Posture;
import atlas.core.Role;
import atlas.policy.Action;
import atlas.posture.PostureReport;
import atlas.posture.Rollout;
import atlas.posture.Standing;
import atlas.runtime.http.ClientAuth;
import atlas.runtime.http.EdgeConfig;
import atlas.runtime.http.EdgeLimits;
import atlas.runtime.http.Exchange;
import atlas.runtime.http.Headers;
import atlas.runtime.http.HttpEdge;
import atlas.runtime.http.TlsIdentity;
import com.fasterxml.jackson.databind.JsonNode;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What checks of the posture find when a control is on, and when it is off. */
class PostureTest {
    private static final List<Facing.ActRoute> ACTS =
            List.of(
                    new Facing.ActRoute("POST", "/api/v1/keys", Action.KEY_ISSUE),
                    new Facing.ActRoute("GET", "/api/v1/keys", Action.KEY_LIST),
                    new Facing.ActRoute(
                            "PUT", "/api/v1/deployments/{name}/{version}", Action.MODEL_DEPLOY),
                    new Facing.ActRoute(
                            "PUT", "/api/v1/approvals/{name}/{version}", Action.MODEL_APPROVE),
                    new Facing.ActRoute("GET", "/api/v1/journal/entries", Action.JOURNAL_READ));

    @TempDir Path folder;

    private Installation atlas;
    private HttpEdge gateway;
    private volatile boolean guarded = true;

    @BeforeEach
    void start() throws Exception {
        atlas = new Installation(folder.resolve("home"));
        gateway =
                HttpEdge.start(
                        new EdgeConfig(
                                "gateway",
                                new InetSocketAddress("127.0.0.1", 0),
                                atlas.trust.server("gateway"),
                                ClientAuth.OPTIONAL,
                                EdgeLimits.defaults()),
                        this::answer);
    }

    @AfterEach
    void close() {
        gateway.close();
        atlas.close();
    }

    /** A gateway as far as checks go: knows a credential, a model, and an attack. */
    private void answer(Exchange exchange) {
        String body = new String(exchange.body(), StandardCharsets.UTF_8);
        boolean known =
                exchange.headers()
                        .first("authorization")
                        .filter(h -> h.contains("atlas"))
                        .isPresent();
        if (!known) {
            respond(exchange, 401, "{\"error\":\"who\"}");
        } else if (exchange.path().equals("/v1/models")) {
            respond(exchange, 200, "{\"data\":[{\"id\":\"m\"}]}");
        } else if (guarded
                && !body.contains("Portugal")
                && !body.contains("friendly")
                && !body.contains("spreadsheet")) {
            respond(exchange, 400, "{\"error\":{\"code\":\"prompt_injection_detected\"}}");
        } else {
            respond(exchange, 200, "{}");
        }
    }

    private static void respond(Exchange exchange, int status, String json) {
        exchange.respond(
                status,
                Headers.of("content-type", "application/json"),
                json.getBytes(StandardCharsets.UTF_8));
    }

    private Facing facing() {
        return new Facing(
                Optional.of(
                        new Facing.Door(
                                gateway.address(),
                                List.of("GET /v1/models", "POST /v1/chat/completions"))),
                new Facing.Door(atlas.control.address(), atlas.control.routes()),
                ACTS,
                List.of(
                        new Facing.Listener("gateway", gateway.address()),
                        new Facing.Listener("control plane", atlas.control.address())));
    }

    private Map<String, Standing> measured(Facing facing, List<String> world) throws Exception {
        Posture posture = new Posture(atlas.trust.surroundings(Clock.systemUTC()), facing, world);
        PostureReport report = posture.measure(Rollout.standard()).orElseThrow();
        return report.standings();
    }

    /** A port of this machine where nobody listens. */
    private static String nobody() throws Exception {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            return "127.0.0.1 " + socket.getLocalPort();
        }
    }

    /** What is proven with every control on, as the API measures and the journal keeps it. */
    private Map<String, Standing> proven() throws Exception {
        Posture posture =
                new Posture(
                        atlas.trust.surroundings(Clock.systemUTC()), facing(), List.of(nobody()));
        assertThat(posture.unproven(Rollout.standard(), 1)).isEmpty();
        return posture.last().orElseThrow().standings();
    }

    @Test
    void whatIsOnIsProvenAndEachControlTurnedOffRegressesAlone() throws Exception {
        Map<String, Standing> all = proven();
        assertThat(all)
                .isEqualTo(
                        Map.of(
                                "authentication", Standing.PROVEN,
                                "roles", Standing.PROVEN,
                                "journal", Standing.PROVEN,
                                "segmentation", Standing.NOT_STARTED,
                                "tls", Standing.PROVEN,
                                "egress", Standing.PROVEN,
                                "injection", Standing.PROVEN,
                                "signing", Standing.PROVEN,
                                "anomaly", Standing.PROVEN,
                                "customer_keys", Standing.NOT_STARTED));

        List<String> routes = new ArrayList<>(atlas.control.routes());
        assertThat(routes).contains("open GET /");
        routes.add("GET /");
        Facing.Door ajar = new Facing.Door(atlas.control.address(), routes);
        regresses(
                all,
                "authentication",
                new Facing(facing().gateway(), ajar, ACTS, facing().listeners()));

        List<Facing.ActRoute> lax = new ArrayList<>(ACTS);
        // As if whoever may issue keys could read the journal.
        lax.add(new Facing.ActRoute("POST", "/api/v1/keys", Action.JOURNAL_READ));
        regresses(
                all,
                "roles",
                new Facing(facing().gateway(), facing().control(), lax, facing().listeners()));

        try (SSLServerSocket old = old();
                OldTls _ = new OldTls(old)) {
            List<Facing.Listener> listeners = new ArrayList<>(facing().listeners());
            listeners.add(
                    new Facing.Listener(
                            "metrics", new InetSocketAddress("127.0.0.1", old.getLocalPort())));
            regresses(
                    all,
                    "tls",
                    new Facing(facing().gateway(), facing().control(), ACTS, listeners));
        }

        guarded = false;
        regresses(all, "injection", facing());
        guarded = true;

        try (ServerSocket world = new ServerSocket(0, 8, InetAddress.ofLiteral("127.0.0.1"))) {
            Map<String, Standing> left = new TreeMap<>(all);
            left.put("egress", Standing.REGRESSED);
            assertThat(measured(facing(), List.of("127.0.0.1 " + world.getLocalPort())))
                    .isEqualTo(left);
        }
    }

    private void regresses(Map<String, Standing> before, String control, Facing facing)
            throws Exception {
        Map<String, Standing> expected = new TreeMap<>(before);
        expected.put(control, Standing.REGRESSED);
        assertThat(measured(facing, List.of(nobody()))).isEqualTo(expected);
    }

    private SSLServerSocket old() throws Exception {
        TlsIdentity identity = atlas.trust.server("gateway");
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry(
                "own",
                identity.key(),
                new char[0],
                identity.chain().toArray(java.security.cert.X509Certificate[]::new));
        KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
        keys.init(store, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        SSLServerSocket socket =
                (SSLServerSocket)
                        context.getServerSocketFactory()
                                .createServerSocket(0, 8, InetAddress.ofLiteral("127.0.0.1"));
        socket.setEnabledProtocols(new String[] {"TLSv1.2", "TLSv1.3"});
        return socket;
    }

    /** Shakes hands with whoever comes, until its socket is closed. */
    private record OldTls(SSLServerSocket socket, Thread thread) implements AutoCloseable {
        OldTls(SSLServerSocket socket) {
            this(socket, Thread.startVirtualThread(() -> serve(socket)));
        }

        private static void serve(SSLServerSocket socket) {
            while (!socket.isClosed()) {
                try (var client = socket.accept()) {
                    client.getInputStream().read();
                } catch (java.io.IOException e) {
                    continue;
                }
            }
        }

        @Override
        public void close() throws java.io.IOException {
            socket.close();
            thread.interrupt();
        }
    }

    @Test
    void nothingOfADrillIsLeftAndTheJournalSaysWhatWasFound() throws Exception {
        JsonNode report = atlas.json(Role.SECURITY_ADMIN, "POST", "/api/v1/posture", "{}");

        assertThat(report.path("phases")).hasSize(3);
        assertThat(atlas.json(Role.AUDITOR, "GET", "/api/v1/posture", null)).isEqualTo(report);
        assertThat(atlas.send(Role.CONSUMER, "GET", "/api/v1/posture", null).statusCode())
                .isEqualTo(403);
        assertThat(atlas.send(Role.AUDITOR, "POST", "/api/v1/posture", "{}").statusCode())
                .isEqualTo(403);
        assertThat(atlas.trust.apiKeys().list())
                .filteredOn(key -> key.principal().startsWith(Posture.PRINCIPAL))
                .isNotEmpty()
                .allSatisfy(key -> assertThat(key.revoked()).isPresent());
        assertThat(atlas.trust.grants().all())
                .noneMatch(grant -> grant.principal().startsWith(Posture.PRINCIPAL));
        try (Stream<Path> left = Files.list(folder.resolve("home/staging"))) {
            assertThat(left).noneMatch(file -> file.getFileName().toString().startsWith("posture"));
        }
        assertThat(
                        atlas.json(
                                        Role.AUDITOR,
                                        "GET",
                                        "/api/v1/journal/entries?kind=admin.act",
                                        null)
                                .toString())
                .contains("posture.measure")
                .contains("standings");
        assertThat(atlas.trust.registry().list())
                .noneMatch(version -> version.ref().name().startsWith("posture"));
    }

    @Test
    void aRolloutFileThatIsNoneIsRefusedWithItsPlace() throws Exception {
        var answer =
                atlas.send(
                        Role.SECURITY_ADMIN,
                        "POST",
                        "/api/v1/posture",
                        "{\"rollout\":\"zero_trust: {}\"}");
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("line 1, column 1").contains("zero_trust_rollout");
    }
}
