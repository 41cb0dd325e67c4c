package atlas.cli.proxy;

import atlas.core.Sensitive;
import atlas.core.WorkloadId;
import atlas.identity.CertificateAuthority;
import atlas.identity.CertificateAuthority.IssuedCertificate;
import atlas.runtime.http.ClientAuth;
import atlas.runtime.http.EdgeConfig;
import atlas.runtime.http.EdgeLimits;
import atlas.runtime.http.HttpEdge;
import atlas.runtime.http.TlsIdentity;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The helper as it runs: TLS 1.3 on loopback with a certificate of its own that nobody else can
 * issue, a random local key that every caller must send, and one bound token for all of them.
 */
public final class LocalProxy implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LocalProxy.class);
    private static final Duration CERTIFICATE_LIFE = Duration.ofHours(24);
    private static final WorkloadId SELF = new WorkloadId("proxy.local", "/proxy");

    private final CertificateAuthority authority;
    private final Sensitive<String> localKey;
    private final HttpEdge edge;
    private final ScheduledExecutorService renewal;

    /**
     * Where requests go and as whom.
     *
     * @param client trusts the gateway, and shows the client certificate if there is one
     * @param credential see {@code TokenSource}
     * @param scope to narrow the token; empty for everything
     */
    public record Upstream(
            HttpClient client,
            URI gateway,
            Supplier<Optional<Sensitive<String>>> credential,
            String scope) {}

    private LocalProxy(CertificateAuthority authority, Sensitive<String> localKey, HttpEdge edge) {
        this.authority = authority;
        this.localKey = localKey;
        this.edge = edge;
        this.renewal =
                Executors.newSingleThreadScheduledExecutor(
                        Thread.ofPlatform().daemon().name("proxy-certificate").factory());
        long half = CERTIFICATE_LIFE.toMinutes() / 2;
        renewal.scheduleWithFixedDelay(
                LocalProxy.kept(() -> edge.reload(identity(authority))),
                half,
                half,
                TimeUnit.MINUTES);
    }

    /**
     * Obtains a first token, then listens on 127.0.0.1.
     *
     * @param port 0 for any
     * @throws ProxyException when the gateway does not give a token
     */
    public static LocalProxy start(int port, Upstream upstream, Clock clock) throws ProxyException {
        TokenSource tokens =
                new TokenSource(
                        upstream.client(),
                        upstream.gateway(),
                        upstream.credential(),
                        upstream.scope(),
                        clock);
        tokens.token();
        CertificateAuthority authority = CertificateAuthority.create("proxy.local", clock);
        byte[] secret = new byte[32];
        new SecureRandom().nextBytes(secret);
        Sensitive<String> key =
                Sensitive.of(
                        "atlas-local-"
                                + Base64.getUrlEncoder().withoutPadding().encodeToString(secret));
        HttpEdge edge =
                HttpEdge.start(
                        new EdgeConfig(
                                "proxy",
                                new InetSocketAddress("127.0.0.1", port),
                                identity(authority),
                                ClientAuth.NONE,
                                EdgeLimits.defaults()),
                        new Forwarding(key, tokens, upstream.client(), upstream.gateway()));
        return new LocalProxy(authority, key, edge);
    }

    // The certificate in use holds for as long again; a timer would forget what throws.
    static Runnable kept(Runnable renewal) {
        return () -> {
            try {
                renewal.run();
            } catch (RuntimeException e) {
                LOG.atError().setCause(e).log("certificate not renewed");
            }
        };
    }

    private static TlsIdentity identity(CertificateAuthority authority) {
        IssuedCertificate issued =
                authority.server(
                        SELF, List.of("localhost"), List.of("127.0.0.1"), CERTIFICATE_LIFE);
        return new TlsIdentity(issued.key(), issued.chain(), List.of());
    }

    /** Where programs of this machine reach it. */
    public URI address() {
        return URI.create("https://127.0.0.1:" + edge.address().getPort());
    }

    /** What they have to trust; made at this start, and its key is in this process only. */
    public X509Certificate root() {
        return authority.root();
    }

    /** What they have to send as their API key. */
    public Sensitive<String> localKey() {
        return localKey;
    }

    @Override
    public void close() {
        renewal.shutdownNow();
        edge.close();
    }
}
