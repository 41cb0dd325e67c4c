package atlas.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.core.WorkloadId;
import atlas.identity.CertificateAuthority;
import atlas.identity.CertificateAuthority.IssuedCertificate;
import atlas.runtime.Lifecycle;
import atlas.runtime.http.ClientAuth;
import atlas.runtime.http.EdgeConfig;
import atlas.runtime.http.EdgeLimits;
import atlas.runtime.http.Egress;
import atlas.runtime.http.Exchange;
import atlas.runtime.http.Headers;
import atlas.runtime.http.HttpEdge;
import atlas.runtime.http.TlsIdentity;
import atlas.runtime.http.UpstreamException;
import atlas.runtime.http.UpstreamResponse;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which certificate a node is shown before and after a renewal. */
@Timeout(30)
class RenewalTest {
    private static final WorkloadId NODE = WorkloadId.parse("spiffe://test/node");
    private static final WorkloadId GATEWAY = WorkloadId.parse("spiffe://test/gateway");

    private final CertificateAuthority authority =
            CertificateAuthority.create("test", Clock.systemUTC());

    @Test
    void showsNodesTheRenewedCertificateFromTheNextRequestOn() throws Exception {
        TlsIdentity before = workload(authority);
        TlsIdentity after = workload(authority);
        try (HttpEdge node = node();
                Lifecycle own = new Lifecycle()) {
            Links links = Links.open(config(node), before, Egress.ANYWHERE, own);
            Backends.Sender sender = links.toNodes().getFirst().sender();

            assertThat(shownTo(sender)).isEqualTo(serial(before.chain().getFirst()));
            links.reload(after);

            assertThat(shownTo(sender)).isEqualTo(serial(after.chain().getFirst()));
        }
    }

    @Test
    void trustsTheRenewedAuthorityAndNoLongerTheOneBefore() throws Exception {
        CertificateAuthority other = CertificateAuthority.create("test", Clock.systemUTC());
        try (HttpEdge node = node();
                Lifecycle own = new Lifecycle()) {
            Links links = Links.open(config(node), workload(authority), Egress.ANYWHERE, own);
            Backends.Sender sender = links.toNodes().getFirst().sender();
            assertThat(shownTo(sender)).isNotEmpty();

            links.reload(workload(other));

            UpstreamException refused =
                    org.assertj.core.api.Assertions.catchThrowableOfType(
                            UpstreamException.class, () -> shownTo(sender));
            assertThat(refused.kind()).isEqualTo(UpstreamException.Kind.TLS);
        }
    }

    private static String shownTo(Backends.Sender node) throws UpstreamException {
        try (UpstreamResponse answer =
                node.send(
                        "GET",
                        "/",
                        Headers.none(),
                        new byte[0],
                        Duration.ofSeconds(10),
                        CompletableFuture.completedFuture(true))) {
            assertThat(answer.body(10)).isEmpty();
            return answer.headers().first("x-serial").orElse("");
        }
    }

    private static void tell(Exchange exchange) {
        exchange.respond(
                200, Headers.of("x-serial", serial(exchange.peer().getFirst())), new byte[0]);
    }

    private static String serial(X509Certificate certificate) {
        return certificate.getSerialNumber().toString(16);
    }

    private HttpEdge node() {
        TlsIdentity server =
                identity(
                        authority,
                        authority.server(
                                NODE,
                                List.of("localhost"),
                                List.of("127.0.0.1"),
                                Duration.ofHours(1)));
        return HttpEdge.start(
                new EdgeConfig(
                        "node",
                        new InetSocketAddress("127.0.0.1", 0),
                        server,
                        ClientAuth.REQUIRED,
                        EdgeLimits.defaults()),
                RenewalTest::tell);
    }

    private static TlsIdentity workload(CertificateAuthority authority) {
        return identity(authority, authority.workload(GATEWAY, Duration.ofHours(1)));
    }

    private static TlsIdentity identity(CertificateAuthority by, IssuedCertificate issued) {
        return new TlsIdentity(issued.key(), issued.chain(), List.of(by.root()));
    }

    private static GatewayConfig config(HttpEdge node) {
        GatewayConfig plain = GatewayConfig.defaults();
        return new GatewayConfig(
                plain.listenAddress(),
                plain.listenPort(),
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
                                "node", "127.0.0.1", node.address().getPort(), NODE)),
                List.of(),
                GatewayConfig.SemanticCache.defaults());
    }
}
