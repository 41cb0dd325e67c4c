package atlas.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.core.AuditEvent;
import atlas.core.AuditEvent.KeyUsed;
import atlas.identity.saml.SamlConfig;
import atlas.identity.saml.SamlServiceProvider;
import atlas.identity.saml.TestIdp;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SamlKeysTest {
    private static final Clock NOW = Clock.systemUTC();

    @TempDir private Path folder;

    private TrustRoot open() {
        return TrustRoot.openOrCreate(folder.resolve("home"), TrustRootConfig.defaults(), NOW);
    }

    private static List<String> certificates(TrustRoot trust, Clock clock) {
        SamlConfig config = TestIdp.elliptic();
        try (SamlServiceProvider saml = trust.saml(config, clock)) {
            String metadata = new String(saml.metadata(), StandardCharsets.UTF_8);
            // Those of the roles, not the one beside the signature.
            return Pattern.compile("use=\"([a-z]+)\".*?<ds:X509Certificate>([^<]+)<")
                    .matcher(metadata)
                    .results()
                    .map(m -> m.group(1) + " " + m.group(2))
                    .toList();
        }
    }

    @Test
    void keysOutliveARestartAndLieSealed() throws Exception {
        List<String> first;
        try (TrustRoot trust = open()) {
            first = certificates(trust, NOW);
            assertThat(first).hasSize(2);
            assertThat(certificates(trust, NOW)).isEqualTo(first);
        }
        Path file = folder.resolve("home/keys/saml.sealed");
        byte[] sealed = Files.readAllBytes(file);
        assertThat(new String(sealed, StandardCharsets.ISO_8859_1))
                .doesNotContain("RSA", "EC\u0000");
        try (TrustRoot trust = open()) {
            assertThat(certificates(trust, NOW)).isEqualTo(first);
        }
        sealed[sealed.length - 1] ^= 1;
        Files.write(file, sealed);
        try (TrustRoot trust = open()) {
            assertThatThrownBy(() -> certificates(trust, NOW))
                    .isInstanceOf(TrustRootException.class)
                    .hasMessageContaining("saml.sealed");
        }
    }

    @Test
    void keysAreTurnedOverAndJournaled() throws Exception {
        BlockingQueue<AuditEvent> journaled = new LinkedBlockingQueue<>();
        try (TrustRoot trust = open()) {
            trust.journal().onAppended(entry -> journaled.add(entry.event()));
            List<String> first = certificates(trust, NOW);
            assertThat(act(journaled)).isEqualTo("made");
            Clock later = Clock.offset(NOW, Duration.ofDays(336));
            List<String> next = certificates(trust, later);
            assertThat(act(journaled)).isEqualTo("rotated");
            assertThat(next).hasSize(3).contains(first.get(0));
        }
    }

    private static String act(BlockingQueue<AuditEvent> journaled) throws InterruptedException {
        while (true) {
            AuditEvent next = journaled.poll(20, TimeUnit.SECONDS);
            assertThat(next).as("a key's making is journaled").isNotNull();
            if (next instanceof KeyUsed used && used.purpose().equals("saml")) {
                return used.act();
            }
        }
    }
}
