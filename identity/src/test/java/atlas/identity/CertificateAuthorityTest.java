package atlas.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.core.WorkloadId;
import atlas.core.crypto.Hashes;
import atlas.core.crypto.SealBrokenException;
import atlas.core.crypto.Sealer;
import atlas.identity.CertificateAuthority.IssuedCertificate;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;

class CertificateAuthorityTest {
    private static final WorkloadId GATEWAY = WorkloadId.parse("spiffe://atlas.local/gateway");
    private static final WorkloadId NODE = WorkloadId.parse("spiffe://atlas.local/node/1");

    private final SettableClock clock = new SettableClock();
    private final CertificateAuthority authority =
            CertificateAuthority.create("atlas.local", clock);

    @Test
    void theRootSignsLeavesAndNothingElse() throws Exception {
        X509Certificate root = authority.root();
        root.verify(root.getPublicKey());
        assertThat(root.getBasicConstraints()).isZero();
        assertThat(root.getKeyUsage()).containsExactly(usage(5, 6));
        assertThat(((ECPublicKey) root.getPublicKey()).getParams().getOrder().bitLength())
                .isEqualTo(256);
        assertThat(Duration.between(clock.instant(), root.getNotAfter().toInstant()))
                .isEqualTo(Duration.ofDays(3650));
        assertThat(root.getSubjectAlternativeNames())
                .containsExactly(List.of(6, "spiffe://atlas.local"));
    }

    @Test
    void aServerLeafIsForServersOnly() throws Exception {
        IssuedCertificate issued =
                authority.server(
                        NODE,
                        List.of("localhost", "node-1.example"),
                        List.of("127.0.0.1", "::1"),
                        Duration.ofHours(1));
        X509Certificate leaf = issued.chain().getFirst();
        assertThat(leaf.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1");
        assertThat(leaf.getSubjectAlternativeNames())
                .containsExactlyInAnyOrder(
                        List.of(2, "localhost"),
                        List.of(2, "node-1.example"),
                        List.of(7, "127.0.0.1"),
                        List.of(7, "0:0:0:0:0:0:0:1"),
                        List.of(6, NODE.uri()));
        assertThatThrownBy(() -> Svid.of(leaf)).isInstanceOf(SvidException.class);
    }

    @Test
    void aWorkloadLeafIsForClientsOnlyAndIsAnSvid() throws Exception {
        X509Certificate leaf = authority.workload(GATEWAY, Duration.ofHours(1)).chain().getFirst();
        assertThat(leaf.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.2");
        assertThat(leaf.getKeyUsage()).containsExactly(usage(0));
        assertThat(leaf.getBasicConstraints()).isEqualTo(-1);
        assertThat(Svid.of(leaf).id()).isEqualTo(GATEWAY);
        byte[] issuerKey = authority.root().getExtensionValue("2.5.29.14");
        assertThat(leaf.getExtensionValue("2.5.29.35"))
                .endsWith(Arrays.copyOfRange(issuerKey, issuerKey.length - 20, issuerKey.length));
        assertThat(leaf.getExtensionValue("2.5.29.14")).isNotNull();
    }

    @Test
    void serialsAreLongRandomAndPositive() {
        List<java.math.BigInteger> serials = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            serials.add(
                    authority
                            .workload(GATEWAY, Duration.ofMinutes(5))
                            .chain()
                            .getFirst()
                            .getSerialNumber());
        }
        assertThat(serials).doesNotHaveDuplicates();
        assertThat(serials).allMatch(s -> s.signum() > 0 && s.toByteArray().length == 16);
    }

    @Test
    void refusesNamesAndTimesItDoesNotVouchFor() {
        WorkloadId foreign = WorkloadId.parse("spiffe://other.local/gateway");
        assertThatThrownBy(() -> authority.workload(foreign, Duration.ofHours(1)))
                .hasMessageContaining("not in trust domain");
        for (Duration lifetime : List.of(Duration.ZERO, Duration.ofDays(91))) {
            assertThatThrownBy(() -> authority.workload(GATEWAY, lifetime))
                    .hasMessageContaining("a leaf lives");
        }
        for (String dns : List.of("", "a b", "*", "a\0b", "-a", "évil")) {
            assertThatThrownBy(() ->
                            authority.server(NODE, List.of(dns), List.of(), Duration.ofHours(1)))
                    .hasMessageContaining("not a DNS name");
        }
        assertThatThrownBy(() ->
                        authority.server(NODE, List.of(), List.of("host"), Duration.ofHours(1)))
                .hasMessageContaining("not an IP address");
    }

    @Test
    void aLeafEndsNoLaterThanTheRoot() {
        clock.advance(Duration.ofDays(3640));
        X509Certificate leaf = authority.workload(GATEWAY, Duration.ofDays(30)).chain().getFirst();
        assertThat(leaf.getNotAfter()).isEqualTo(authority.root().getNotAfter());
    }

    @Test
    void survivesExportAndOpensOnlyWhatItSealed() throws Exception {
        Sealer sealer = new OpenSealer();
        byte[] sealed = authority.export(sealer);
        CertificateAuthority again = CertificateAuthority.open(sealed, sealer, clock);
        assertThat(again.root()).isEqualTo(authority.root());
        again.workload(GATEWAY, Duration.ofHours(1))
                .chain()
                .getFirst()
                .verify(authority.root().getPublicKey());
        sealed[sealed.length / 2] ^= 1;
        assertThatThrownBy(() -> CertificateAuthority.open(sealed, sealer, clock))
                .isInstanceOf(SealBrokenException.class);
    }

    @Test
    void writesPemThatOthersRead() throws Exception {
        String pem = Pem.certificates(List.of(authority.root()));
        assertThat(pem.lines()).allMatch(line -> line.length() <= 64);
        assertThat(
                        CertificateFactory.getInstance("X.509")
                                .generateCertificate(
                                        new ByteArrayInputStream(pem.getBytes("UTF-8"))))
                .isEqualTo(authority.root());
        assertThat(Pem.certificates(pem + pem)).hasSize(2);
        assertThatThrownBy(() -> Pem.certificates("no")).isInstanceOf(IdentityException.class);
    }

    @Test
    void itsCertificatesCarryARealMutualHandshake() throws Exception {
        CertificateAuthority live = CertificateAuthority.create("atlas.local", Clock.systemUTC());
        IssuedCertificate server =
                live.server(NODE, List.of("localhost"), List.of(), Duration.ofHours(1));
        IssuedCertificate client = live.workload(GATEWAY, Duration.ofHours(1));
        assertThat(handshake(live, server, client)).isEqualTo("TLSv1.3");
        // Each leaf in the other's place fails.
        assertThatThrownBy(() -> handshake(live, client, client)).isInstanceOf(Exception.class);
        assertThatThrownBy(() -> handshake(live, server, server)).isInstanceOf(Exception.class);
    }

    private static String handshake(
            CertificateAuthority authority, IssuedCertificate server, IssuedCertificate client)
            throws Exception {
        InetAddress loopback = InetAddress.ofLiteral("127.0.0.1");
        try (SSLServerSocket listening =
                (SSLServerSocket)
                        context(authority, server)
                                .getServerSocketFactory()
                                .createServerSocket(0, 1, loopback)) {
            listening.setNeedClientAuth(true);
            listening.setSoTimeout(10_000);
            CompletableFuture<Integer> served =
                    CompletableFuture.supplyAsync(() -> {
                        try (SSLSocket peer = (SSLSocket) listening.accept()) {
                            peer.setSoTimeout(10_000);
                            int got = peer.getInputStream().read();
                            peer.getOutputStream().write(got);
                            return got;
                        } catch (IOException e) {
                            return -1;
                        }
                    });
            try (SSLSocket calling =
                    (SSLSocket)
                            context(authority, client)
                                    .getSocketFactory()
                                    .createSocket(loopback, listening.getLocalPort())) {
                calling.setSoTimeout(10_000);
                calling.getOutputStream().write(7);
                if (calling.getInputStream().read() != 7) {
                    throw new IOException("refused");
                }
                return calling.getSession().getProtocol();
            } finally {
                served.join();
            }
        }
    }

    private static SSLContext context(CertificateAuthority authority, IssuedCertificate own)
            throws Exception {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        keys.load(null, null);
        keys.setKeyEntry(
                "own", own.key(), new char[0], own.chain().toArray(X509Certificate[]::new));
        KeyManagerFactory keyManagers = KeyManagerFactory.getInstance("PKIX");
        keyManagers.init(keys, new char[0]);
        KeyStore anchors = KeyStore.getInstance("PKCS12");
        anchors.load(null, null);
        anchors.setCertificateEntry("root", authority.root());
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(anchors);
        SSLContext context = SSLContext.getInstance("TLSv1.3");
        context.init(keyManagers.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    private static boolean[] usage(int... bits) {
        boolean[] usage = new boolean[9];
        for (int bit : bits) {
            usage[bit] = true;
        }
        return usage;
    }

    /** Hides nothing; only says whether bytes and context are those it sealed. */
    private static final class OpenSealer implements Sealer {
        @Override
        public byte[] seal(byte[] plaintext, byte[] associatedData) {
            byte[] tag = Hashes.hmacSha256(associatedData, plaintext);
            byte[] sealed = Arrays.copyOf(plaintext, plaintext.length + tag.length);
            System.arraycopy(tag, 0, sealed, plaintext.length, tag.length);
            return sealed;
        }

        @Override
        public byte[] open(byte[] sealed, byte[] associatedData) {
            byte[] plain = Arrays.copyOf(sealed, sealed.length - 32);
            byte[] tag = Arrays.copyOfRange(sealed, sealed.length - 32, sealed.length);
            if (!MessageDigest.isEqual(tag, Hashes.hmacSha256(associatedData, plain))) {
                throw new SealBrokenException("not what was sealed", null);
            }
            return plain;
        }
    }
}
