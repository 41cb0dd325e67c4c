package atlas.runtime.svid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.runtime.http.TestPki;
import atlas.runtime.http.TlsIdentity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileSvidsTest {
    private static final String NODE = "spiffe://prod.example/node";
    private static final Duration NEVER = Duration.ofDays(1);

    private final TestPki pki = new TestPki("root");

    @TempDir Path temp;

    private static String pem(String kind, byte[] der) {
        String lines =
                Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                        .encodeToString(der);
        return "-----BEGIN " + kind + "-----\n" + lines + "\n-----END " + kind + "-----\n";
    }

    private static String pem(List<X509Certificate> certificates) {
        StringBuilder out = new StringBuilder();
        for (X509Certificate certificate : certificates) {
            try {
                out.append(pem("CERTIFICATE", certificate.getEncoded()));
            } catch (CertificateEncodingException e) {
                throw new AssertionError(e);
            }
        }
        return out.toString();
    }

    private void writeCertificate(TlsIdentity identity) throws IOException {
        Files.writeString(temp.resolve("svid.pem"), pem(identity.chain()));
    }

    private void writeKey(TlsIdentity identity) throws IOException {
        Files.writeString(temp.resolve("key.pem"), pem("PRIVATE KEY", identity.key().getEncoded()));
    }

    private void write(TlsIdentity identity) throws IOException {
        writeCertificate(identity);
        writeKey(identity);
        Files.writeString(temp.resolve("bundle.pem"), pem(identity.trust()));
    }

    private FileSvids open(Duration every) {
        return FileSvids.open(
                temp.resolve("svid.pem"),
                temp.resolve("key.pem"),
                temp.resolve("bundle.pem"),
                every);
    }

    @Test
    void readsAnIdentityAndItsDomainsBundle() throws Exception {
        TlsIdentity node = pki.workload(NODE);
        write(node);
        try (FileSvids files = open(NEVER)) {
            assertThat(files.current().chain()).isEqualTo(node.chain());
            assertThat(files.bundles()).isEqualTo(Map.of("prod.example", node.trust()));
        }
    }

    @Test
    void takesUpNewFilesOnceTheyFitTogether() throws Exception {
        TlsIdentity before = pki.workload(NODE);
        TlsIdentity after = pki.workload(NODE);
        write(before);
        AtomicInteger told = new AtomicInteger();
        try (FileSvids files = open(NEVER)) {
            files.onChange(told::incrementAndGet);

            writeCertificate(after);
            files.look();
            assertThat(files.current().chain()).isEqualTo(before.chain());

            writeKey(after);
            files.look();
            assertThat(files.current().chain()).isEqualTo(after.chain());
            files.look();
            assertThat(told).hasValue(1);

            Files.delete(temp.resolve("bundle.pem"));
            files.look();
            assertThat(files.current().trust()).isEqualTo(before.trust());
        }
    }

    @Test
    void looksByItself() throws Exception {
        write(pki.workload(NODE));
        CountDownLatch told = new CountDownLatch(1);
        try (FileSvids files = open(Duration.ofMillis(20))) {
            files.onChange(told::countDown);
            write(pki.workload(NODE));
            assertThat(told.await(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void refusesToStartWithWhatIsNoIdentity() throws Exception {
        TlsIdentity node = pki.workload(NODE);
        write(node);
        writeKey(pki.workload(NODE));
        assertThatThrownBy(() -> open(NEVER)).hasMessageContaining("not the key");

        Files.writeString(temp.resolve("key.pem"), "-----BEGIN EC PRIVATE KEY-----\n");
        assertThatThrownBy(() -> open(NEVER)).hasMessageContaining("PKCS #8");

        write(pki.server());
        assertThatThrownBy(() -> open(NEVER)).hasMessageContaining("0 URI names");

        write(node);
        Files.writeString(temp.resolve("svid.pem"), pem(node.trust()));
        assertThatThrownBy(() -> open(NEVER)).isInstanceOf(SvidException.class);

        Files.writeString(temp.resolve("svid.pem"), "nothing");
        assertThatThrownBy(() -> open(NEVER)).isInstanceOf(SvidException.class);

        Files.delete(temp.resolve("svid.pem"));
        assertThatThrownBy(() -> open(NEVER)).hasMessageContaining("cannot be read");
    }

    @Test
    void keepsBundlesOfOtherDomainsUntilAGoodFileReplacesThem() throws Exception {
        TestPki other = new TestPki("other");
        Path file = Files.writeString(temp.resolve("partner.pem"), pem(List.of(pki.root())));
        try (BundleFiles bundles = BundleFiles.open(Map.of("partner.example", file), NEVER)) {
            Map<String, List<X509Certificate>> first = bundles.bundles();
            bundles.look();
            assertThat(bundles.bundles()).isSameAs(first);

            Files.writeString(file, "broken");
            bundles.look();
            assertThat(bundles.bundles()).isSameAs(first);

            Files.writeString(file, pem(List.of(pki.root(), other.root())));
            bundles.look();
            assertThat(bundles.bundles().get("partner.example"))
                    .containsExactly(pki.root(), other.root());
        }
    }
}
