package atlas.runtime.svid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.core.WorkloadId;
import atlas.peers.WorkloadApiAgent;
import atlas.runtime.http.ClientAuth;
import atlas.runtime.http.EdgeConfig;
import atlas.runtime.http.EdgeLimits;
import atlas.runtime.http.Headers;
import atlas.runtime.http.HttpEdge;
import atlas.runtime.http.TestPki;
import atlas.runtime.http.TlsIdentity;
import atlas.runtime.http.Upstream;
import atlas.runtime.http.UpstreamConfig;
import atlas.runtime.http.UpstreamException;
import atlas.runtime.http.UpstreamResponse;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class WorkloadApiTest {
    private static final String GATEWAY = "spiffe://prod.example/gateway";
    private static final String NODE = "spiffe://prod.example/node";
    private static final Duration LONG = Duration.ofSeconds(20);

    private final TestPki ours = new TestPki("ours");
    private final TestPki theirs = new TestPki("theirs");

    @TempDir Path temp;

    private Path socket() {
        return temp.resolve("agent.sock");
    }

    private byte[] message(TestPki pki) {
        return WorkloadApiAgent.message(
                Map.of(GATEWAY, svid(pki.svid(GATEWAY)), NODE, svid(pki.svid(NODE))),
                Map.of("partner.example", List.of(theirs.root())));
    }

    private static WorkloadApiAgent.Svid svid(TlsIdentity identity) {
        return new WorkloadApiAgent.Svid(identity.key(), identity.chain(), identity.trust());
    }

    private static WorkloadId id(String uri) {
        return WorkloadId.parse(uri);
    }

    /** Waits for the change that {@code change} brings about. */
    private static void awaits(SvidSource source, Runnable change) throws InterruptedException {
        CountDownLatch told = new CountDownLatch(1);
        source.onChange(told::countDown);
        change.run();
        assertThat(told.await(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void givesIdentitiesBundlesAndThoseOfFederatedDomains() throws Exception {
        try (WorkloadApiAgent _ = new WorkloadApiAgent(socket(), message(ours));
                WorkloadApi api = WorkloadApi.open(socket())) {
            TlsIdentity gateway = api.await(id(GATEWAY), LONG).current();

            assertThat(gateway.chain().getFirst().getSubjectAlternativeNames())
                    .containsExactly(List.of(6, GATEWAY));
            assertThat(gateway.trust()).containsExactly(ours.root());
            assertThat(gateway.bundles())
                    .isEqualTo(
                            Map.of(
                                    "prod.example", List.of(ours.root()),
                                    "partner.example", List.of(theirs.root())));
            assertThat(api.bundles()).isEqualTo(gateway.bundles());
        }
    }

    @Test
    void takesUpARotationWithoutARestart() throws Exception {
        TestPki next = new TestPki("next root");
        try (WorkloadApiAgent agent = new WorkloadApiAgent(socket(), message(ours));
                WorkloadApi api = WorkloadApi.open(socket())) {
            SvidSource source = api.await(id(GATEWAY), LONG);
            TlsIdentity before = source.current();

            awaits(source, () -> agent.push(message(next)));

            assertThat(source.current().chain()).isNotEqualTo(before.chain());
            assertThat(source.current().trust()).containsExactly(next.root());
            assertThat(agent.calls()).isEqualTo(1);
        }
    }

    @Test
    void keepsTheSameBundlesObjectWhileTheySayTheSame() throws Exception {
        try (WorkloadApiAgent agent = new WorkloadApiAgent(socket(), message(ours));
                WorkloadApi api = WorkloadApi.open(socket())) {
            SvidSource source = api.await(id(GATEWAY), LONG);
            Map<?, ?> before = api.bundles();

            awaits(source, () -> agent.push(message(ours)));

            assertThat(api.bundles()).isSameAs(before);
        }
    }

    @Test
    void believesNobodyOnceTheIdentityIsTakenBack() throws Exception {
        try (WorkloadApiAgent agent = new WorkloadApiAgent(socket(), message(ours));
                WorkloadApi api = WorkloadApi.open(socket())) {
            SvidSource source = api.await(id(GATEWAY), LONG);

            awaits(
                    source,
                    () ->
                            agent.push(
                                    WorkloadApiAgent.message(
                                            Map.of(NODE, svid(ours.svid(NODE))), Map.of())));
            assertThat(source.current().trust()).isEmpty();
            assertThat(source.current().bundles()).isEmpty();
            assertThat(api.bundles()).containsOnlyKeys("prod.example");

            awaits(source, () -> agent.push(message(ours)));
            assertThat(source.current().trust()).containsExactly(ours.root());

            awaits(source, agent::deny);
            assertThat(source.current().trust()).isEmpty();
            assertThat(api.bundles()).isEmpty();
        }
    }

    @Test
    void callsAgainWhenTheAgentWasAwayAndKeepsWhatItHad() throws Exception {
        WorkloadApiAgent first = new WorkloadApiAgent(socket(), message(ours));
        try (WorkloadApi api = WorkloadApi.open(socket())) {
            SvidSource source = api.await(id(GATEWAY), LONG);
            TlsIdentity before = source.current();
            first.close();
            Files.deleteIfExists(socket());
            assertThat(source.current()).isSameAs(before);

            TestPki next = new TestPki("next root");
            CountDownLatch told = new CountDownLatch(1);
            source.onChange(told::countDown);
            try (WorkloadApiAgent second = new WorkloadApiAgent(socket(), message(next))) {
                assertThat(told.await(30, TimeUnit.SECONDS)).isTrue();
                assertThat(source.current().trust()).containsExactly(next.root());
                assertThat(second.calls()).isPositive();
            }
        }
    }

    @Test
    void saysWhatIsThereInsteadOfTheIdentityExpected() throws Exception {
        try (WorkloadApiAgent _ = new WorkloadApiAgent(socket(), message(ours));
                WorkloadApi api = WorkloadApi.open(socket())) {
            api.await(id(NODE), LONG);
            assertThatThrownBy(() ->
                            api.await(id("spiffe://prod.example/control"), Duration.ofMillis(50)))
                    .isInstanceOf(SvidException.class)
                    .hasMessageContaining("`spiffe://prod.example/control`")
                    .hasMessageContaining(NODE);
        }
        try (WorkloadApi nobody = WorkloadApi.open(temp.resolve("no.sock"))) {
            assertThatThrownBy(() -> nobody.await(id(NODE), Duration.ofMillis(300)))
                    .isInstanceOf(SvidException.class)
                    .hasMessageContaining("no.sock");
        }
    }

    @Test
    void waitsForAnEntitlementThatComesLater() throws Exception {
        try (WorkloadApiAgent agent = new WorkloadApiAgent(socket(), null);
                WorkloadApi api = WorkloadApi.open(socket())) {
            assertThatThrownBy(() -> api.await(id(NODE), Duration.ofMillis(300)))
                    .hasMessageContaining("status 7");
            agent.push(message(ours));
            assertThat(api.await(id(NODE), LONG).current().trust()).isNotEmpty();
        }
    }

    @Test
    void dropsAMessageThatDoesNotFitTogetherAndKeepsTheOneBefore() throws Exception {
        TlsIdentity node = ours.svid(NODE);
        TlsIdentity strange =
                new TlsIdentity(ours.svid(NODE).key(), node.chain(), node.trust(), node.bundles());
        List<byte[]> wrong =
                List.of(
                        WorkloadApiAgent.message(Map.of(NODE, svid(strange)), Map.of()),
                        WorkloadApiAgent.message(Map.of(GATEWAY, svid(node)), Map.of()),
                        WorkloadApiAgent.message(Map.of(), Map.of()),
                        WorkloadApiAgent.message(
                                Map.of(NODE, svid(node)),
                                Map.of("Not A Domain", List.of(ours.root()))),
                        new byte[] {10, 127},
                        new byte[] {(byte) 0xff});
        try (WorkloadApiAgent agent = new WorkloadApiAgent(socket(), message(ours));
                WorkloadApi api = WorkloadApi.open(socket())) {
            SvidSource source = api.await(id(NODE), LONG);
            TlsIdentity before = source.current();
            wrong.forEach(agent::push);
            // What comes after them shows that they were all looked at.
            awaits(source, () -> agent.push(message(theirs)));
            assertThat(source.current().trust()).containsExactly(theirs.root());
            assertThat(before.trust()).containsExactly(ours.root());
        }
    }

    @Test
    void readsNoBrokenMessageAsAnotherOne() {
        byte[] good = message(ours);
        Random random = new Random(7);
        for (int i = 0; i < 2_000; i++) {
            byte[] broken = good.clone();
            broken[random.nextInt(broken.length)] ^= (byte) (1 << random.nextInt(8));
            byte[] cut = java.util.Arrays.copyOf(broken, random.nextInt(broken.length + 1));
            for (byte[] message : List.of(broken, cut)) {
                try {
                    assertThat(SvidResponse.read(message).svids()).hasSizeLessThan(4);
                } catch (SvidException e) {
                    assertThat(e).hasMessageContaining("workload API");
                }
            }
        }
    }

    @Test
    void twoWorkloadsMeetByTheirAgentsWordAndPartWhenItIsTakenBack() throws Exception {
        try (WorkloadApiAgent agent = new WorkloadApiAgent(socket(), message(ours));
                WorkloadApi api = WorkloadApi.open(socket())) {
            SvidSource node = api.await(id(NODE), LONG);
            SvidSource gateway = api.await(id(GATEWAY), LONG);
            try (HttpEdge edge = edge(node.current());
                    Upstream upstream = upstream(edge, gateway.current())) {
                node.onChange(() -> edge.reload(node.current()));
                assertThat(ask(upstream)).isEqualTo(GATEWAY);

                // A new root for both: nothing is restarted.
                TestPki next = new TestPki("next root");
                awaits(node, () -> agent.push(message(next)));
                upstream.reload(gateway.current());
                assertThat(ask(upstream)).isEqualTo(GATEWAY);

                awaits(node, agent::deny);
                upstream.reload(gateway.current());
                assertThatThrownBy(() -> ask(upstream)).isInstanceOf(UpstreamException.class);
            }
        }
    }

    @Test
    void judgesAForeignWorkloadByItsOwnDomainsBundleAlone() throws Exception {
        String guest = "spiffe://partner.example/app";
        try (WorkloadApiAgent _ = new WorkloadApiAgent(socket(), message(ours));
                WorkloadApi api = WorkloadApi.open(socket());
                HttpEdge edge = edge(api.await(id(NODE), LONG).current())) {
            TlsIdentity partner = shownTo(theirs.svid(guest));
            try (Upstream welcome = upstream(edge, partner)) {
                assertThat(ask(welcome)).isEqualTo(guest);
            }
            // Each domain's authority vouches for its own workloads and for no other's.
            for (TlsIdentity impostor :
                    List.of(
                            shownTo(theirs.svid(GATEWAY)),
                            shownTo(ours.svid(guest)),
                            shownTo(ours.svid("spiffe://third.example/app")))) {
                try (Upstream refused = upstream(edge, impostor)) {
                    assertThatThrownBy(() -> ask(refused)).isInstanceOf(UpstreamException.class);
                }
            }
        }
    }

    /** The same identity, believing our domain so that it at least gets to show itself. */
    private TlsIdentity shownTo(TlsIdentity identity) {
        return new TlsIdentity(
                identity.key(),
                identity.chain(),
                List.of(ours.root()),
                Map.of("prod.example", List.of(ours.root())));
    }

    private static HttpEdge edge(TlsIdentity identity) {
        return HttpEdge.start(
                new EdgeConfig(
                        "node",
                        new InetSocketAddress("127.0.0.1", 0),
                        identity,
                        ClientAuth.REQUIRED,
                        EdgeLimits.defaults()),
                exchange -> {
                    var names = exchange.peer().getFirst().getSubjectAlternativeNames();
                    String who = String.valueOf(names.iterator().next().get(1));
                    exchange.respond(200, Headers.none(), who.getBytes(StandardCharsets.UTF_8));
                });
    }

    private static Upstream upstream(HttpEdge edge, TlsIdentity identity) {
        return Upstream.open(
                new UpstreamConfig(
                        "node",
                        "127.0.0.1",
                        edge.address().getPort(),
                        Optional.of(identity),
                        Optional.of(id(NODE)),
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(5),
                        2,
                        Optional.empty()));
    }

    private static String ask(Upstream upstream) throws UpstreamException {
        try (UpstreamResponse response =
                upstream.send("GET", "/", Headers.none(), new byte[0], Duration.ofSeconds(5))) {
            return new String(response.body(1024), StandardCharsets.UTF_8);
        }
    }
}
