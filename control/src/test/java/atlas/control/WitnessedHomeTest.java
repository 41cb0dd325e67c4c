package atlas.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.control.live.ActivityFeed;
import atlas.core.AuditEvent.Actor;
import atlas.core.AuditEvent.AdminAct;
import atlas.core.AuditUnavailableException;
import atlas.core.crypto.Hashes;
import atlas.identity.Pem;
import atlas.journal.Checkpoint;
import atlas.journal.JournalConfig;
import atlas.journal.JournalHealth;
import atlas.journal.JournalSettings;
import atlas.journal.WitnessSettings;
import atlas.journal.WitnessSettings.WhenUnwitnessed;
import atlas.tlog.AddCheckpoint;
import atlas.tlog.NoteVerifierKey;
import atlas.tlog.WitnessPolicy;
import atlas.vault.VaultSettings;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A home and three witnesses with their own homes, keys and authorities, over TLS. */
@Timeout(600)
class WitnessedHomeTest {
    private static final Clock CLOCK = Clock.systemUTC();
    private static final int THREE = 3;

    @TempDir private Path folder;
    private final List<Standing> witnesses = new ArrayList<>();
    private String vkey = "";

    /** A witness that can be stopped and started again where it was. */
    private final class Standing implements AutoCloseable {
        private final Path home;
        private final String name;
        private final Optional<Path> clients;
        private WitnessHome opened;
        private WitnessProcess process;

        Standing(String name, Optional<Path> clients) {
            this.home = folder.resolve(name);
            this.name = "witness.example/" + name;
            this.clients = clients;
            this.opened = open(0);
            this.process = WitnessProcess.start(opened);
        }

        private WitnessHome open(int port) {
            WitnessConfig usual = WitnessConfig.defaults();
            WitnessConfig config =
                    new WitnessConfig(
                            Optional.of(name),
                            List.of(vkey),
                            usual.listenAddress(),
                            port,
                            List.of(),
                            clients,
                            usual.certificateLifetime(),
                            Duration.ofSeconds(1));
            return WitnessHome.open(home, config, CLOCK);
        }

        int port() {
            return process.address().getPort();
        }

        void restart(int port) {
            opened = open(port);
            process = WitnessProcess.start(opened);
        }

        @Override
        public void close() {
            process.close();
            opened.close();
        }
    }

    @BeforeEach
    void makeThem() throws IOException {
        TrustRoot.openOrCreate(folder.resolve("home"), TrustRootConfig.defaults(), CLOCK).close();
        vkey = Files.readString(folder.resolve("home/journal/verifier.vkey")).strip();
        witnesses.add(new Standing("w1", Optional.empty()));
        witnesses.add(new Standing("w2", Optional.empty()));
        // The third answers only those that the home's own authority vouches for.
        witnesses.add(new Standing("w3", Optional.of(folder.resolve("home/tls/ca.pem"))));
    }

    @AfterEach
    void stopThem() {
        witnesses.forEach(Standing::close);
    }

    private byte[] policy(int quorum) {
        StringBuilder text = new StringBuilder("log " + vkey + "\n");
        for (int i = 0; i < THREE; i++) {
            Standing witness = witnesses.get(i);
            text.append("witness W" + (i + 1) + " " + witness.opened.verifierKeys().get(i % 2));
            text.append(" https://localhost:" + witness.port() + "/\n");
        }
        text.append("group G " + quorum + " W1 W2 W3\nquorum G\n");
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private TrustRoot open(Path home, int quorum, Duration max) throws IOException {
        Path policy = Files.write(folder.resolve("witnesses.policy"), policy(quorum));
        StringBuilder pem = new StringBuilder();
        for (Standing witness : witnesses) {
            pem.append(Files.readString(witness.home.resolve("tls/ca.pem")));
        }
        Path ca = Files.writeString(folder.resolve("witnesses.pem"), pem);
        TrustRootConfig usual = TrustRootConfig.defaults();
        JournalSettings journal =
                new JournalSettings(
                        JournalConfig.Mode.ALWAYS,
                        Duration.ofMillis(100),
                        Duration.ofMillis(100),
                        1000,
                        Duration.ofSeconds(30),
                        0,
                        new WitnessSettings(
                                Optional.of(policy),
                                Optional.of(ca),
                                Duration.ofSeconds(20),
                                max,
                                1_000_000,
                                WhenUnwitnessed.REFUSE),
                        JournalSettings.defaults().retention(),
                        JournalSettings.defaults().legalHold(),
                        List.of(),
                        Optional.empty(),
                        JournalSettings.defaults().mlDsa());
        return TrustRoot.openOrCreate(
                home,
                new TrustRootConfig(
                        usual.trustDomain(),
                        usual.serverNames(),
                        usual.bootstrapLifetime(),
                        usual.certificateLifetime(),
                        usual.signers(),
                        usual.keys(),
                        new HomeConfig(journal, VaultSettings.defaults())),
                CLOCK);
    }

    private static void act(TrustRoot root) {
        root.journal()
                .append(new AdminAct("", Actor.system("test"), "test", "x", "allowed", "", ""));
    }

    private static boolean witnessed(TrustRoot root) {
        return root.journal().witnessed().map(Checkpoint::size).orElse(0L) == root.journal().size();
    }

    private static void until(String what, TrustRoot root, BooleanSupplier holds) {
        long end = System.nanoTime() + Duration.ofSeconds(120).toNanos();
        while (!holds.getAsBoolean()) {
            assertThat(System.nanoTime() < end)
                    .as("%s; seen %s", what, root.witnessing().orElseThrow().status())
                    .isTrue();
            LockSupport.parkNanos(20_000_000);
        }
    }

    @Test
    void threeWitnessesCosignOneOfThemWithMlDsaAndOneOverMutualTls() throws Exception {
        try (TrustRoot root = open(folder.resolve("home"), THREE, Duration.ofHours(1))) {
            act(root);
            until("witnessed", root, () -> witnessed(root));

            byte[] note = Files.readAllBytes(folder.resolve("home/journal/witnessed"));
            WitnessPolicy.Standing standing =
                    WitnessPolicy.parse(policy(THREE)).judge(note, Optional.empty());
            assertThat(standing.quorum()).isTrue();
            assertThat(standing.witnesses()).hasSize(THREE);
            assertThat(root.watch().metrics().openMetrics())
                    .contains("atlas_journal_witness_quorum 1.0")
                    .contains("atlas_journal_unwitnessed_entries 0.0");
        }
    }

    @Test
    void withoutAQuorumServingEndsAndGoesOnWithOne() throws Exception {
        try (TrustRoot root = open(folder.resolve("home"), 2, Duration.ofSeconds(3))) {
            until("witnessed", root, () -> witnessed(root));
            int first = witnesses.get(0).port();
            int second = witnesses.get(1).port();
            witnesses.get(0).close();
            witnesses.get(1).close();
            act(root);

            until(
                    "suspended",
                    root,
                    () -> root.journal().health().state() == JournalHealth.State.SUSPENDED);
            assertThatThrownBy(() -> act(root)).isInstanceOf(AuditUnavailableException.class);
            try (ActivityFeed feed = new ActivityFeed()) {
                assertThat(root.evidence(feed, List::of).alerts().all())
                        .extracting(filed -> filed.alert().rule())
                        .contains("witness.quorum-missing", "witness.limit-exceeded");
            }

            witnesses.get(0).restart(first);
            until("open again", root, () -> root.journal().health().accepting());
            act(root);
            until("witnessed again", root, () -> witnessed(root));
            witnesses.get(1).restart(second);
        }
    }

    @Test
    void aHomePutBackFromACopyDoesNotStart() throws Exception {
        Path home = folder.resolve("home");
        Path old = folder.resolve("old");
        copy(home, old);
        try (TrustRoot root = open(home, 2, Duration.ofHours(1))) {
            act(root);
            until("witnessed", root, () -> witnessed(root));
        }

        assertThatThrownBy(() -> open(old, 2, Duration.ofHours(1)))
                .isInstanceOf(TrustRootException.class)
                .hasMessageContaining("refusing to start")
                .hasMessageContaining("was rolled back");
        // What goes on by itself meanwhile, with nobody to ask, is found when somebody is asked.
        try (TrustRoot alone = TrustRoot.openOrCreate(old, TrustRootConfig.defaults(), CLOCK)) {
            for (int i = 0; i < 40; i++) {
                act(alone);
            }
        }
        assertThatThrownBy(() -> open(old, 2, Duration.ofHours(1)))
                .isInstanceOf(TrustRootException.class)
                .hasMessageContaining("was forked");
    }

    @Test
    void strangersGetARefusalOrWhatTheyCouldProve() throws Exception {
        try (TrustRoot root = open(folder.resolve("home"), THREE, Duration.ofHours(1))) {
            until("witnessed", root, () -> witnessed(root));
        }
        Standing witness = witnesses.getFirst();
        byte[] stale =
                new AddCheckpoint(
                                0,
                                List.of(),
                                Files.readString(folder.resolve("home/journal/checkpoint")))
                        .bytes();
        String origin = NoteVerifierKey.parse(vkey).name();
        String page = "/" + Hashes.sha256(origin).hex() + "/checkpoint";

        HttpResponse<byte[]> conflict = send(witness, "POST", "/add-checkpoint", stale);
        assertThat(conflict.statusCode()).isEqualTo(409);
        assertThat(conflict.headers().firstValue("content-type")).contains("text/x.tlog.size");
        HttpResponse<byte[]> shown = send(witness, "GET", page, new byte[0]);
        assertThat(shown.statusCode()).isEqualTo(200);
        String[] lines = new String(shown.body(), StandardCharsets.UTF_8).split("\n", 3);
        assertThat(lines[0]).isEqualTo(origin);
        assertThat(new String(conflict.body(), StandardCharsets.UTF_8)).isEqualTo(lines[1] + "\n");
        byte[] nonsense = "old 0\n\nnonsense".getBytes(StandardCharsets.UTF_8);
        assertThat(send(witness, "POST", "/add-checkpoint", nonsense).statusCode()).isEqualTo(400);
        assertThat(send(witness, "GET", "/add-checkpoint", new byte[0]).statusCode())
                .isEqualTo(405);
        assertThat(send(witness, "POST", page, new byte[0]).statusCode()).isEqualTo(405);
        for (String path : List.of("/", "/metrics", "/" + "0".repeat(64) + "/checkpoint")) {
            assertThat(send(witness, "GET", path, new byte[0]).statusCode()).isEqualTo(404);
        }
        // The third asks for a certificate, and there is none to show.
        assertThatThrownBy(() -> send(witnesses.get(2), "GET", page, new byte[0]))
                .isInstanceOf(IOException.class);
    }

    @Test
    void aWitnessKeepsItsNameItsKeysAndItsLedger() throws Exception {
        Standing witness = witnesses.getFirst();
        List<String> keys = witness.opened.verifierKeys();
        int port = witness.port();
        witness.close();
        witness.restart(port);
        assertThat(witness.opened.verifierKeys()).isEqualTo(keys);
        assertThat(Files.readString(witness.home.resolve("witness.vkey")))
                .isEqualTo(keys.get(0) + "\n" + keys.get(1) + "\n");
        witness.close();

        assertThatThrownBy(() ->
                        WitnessHome.open(
                                witness.home,
                                new WitnessConfig(
                                        Optional.of("witness.example/other"),
                                        List.of(),
                                        "127.0.0.1",
                                        0,
                                        List.of(),
                                        Optional.empty(),
                                        Duration.ofDays(1),
                                        Duration.ofSeconds(1)),
                                CLOCK))
                .isInstanceOf(TrustRootException.class)
                .hasMessageContaining("this witness is `witness.example/w1`");
        assertThatThrownBy(() ->
                        WitnessHome.open(
                                folder.resolve("nameless"), WitnessConfig.defaults(), CLOCK))
                .isInstanceOf(TrustRootException.class)
                .hasMessageContaining("`witness.name` is missing");
        deleteLedger(witness.home);
        assertThatThrownBy(() -> witness.restart(port))
                .isInstanceOf(TrustRootException.class)
                .hasMessageContaining("ledger` is missing");
        Files.createDirectory(witness.home.resolve("ledger"));
        witness.restart(port);
    }

    private static void deleteLedger(Path home) throws IOException {
        try (Stream<Path> all = Files.walk(home.resolve("ledger"))) {
            for (Path file : all.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private HttpResponse<byte[]> send(Standing witness, String method, String path, byte[] body)
            throws Exception {
        KeyStore anchors = KeyStore.getInstance(KeyStore.getDefaultType());
        anchors.load(null, null);
        for (X509Certificate root :
                Pem.certificates(Files.readString(witness.home.resolve("tls/ca.pem")))) {
            anchors.setCertificateEntry("root", root);
        }
        TrustManagerFactory trust =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(anchors);
        SSLContext tls = SSLContext.getInstance("TLSv1.3");
        tls.init(null, trust.getTrustManagers(), null);
        try (HttpClient client = HttpClient.newBuilder().sslContext(tls).build()) {
            HttpRequest request =
                    HttpRequest.newBuilder(URI.create("https://localhost:" + witness.port() + path))
                            .timeout(Duration.ofSeconds(60))
                            .method(
                                    method,
                                    body.length == 0
                                            ? HttpRequest.BodyPublishers.noBody()
                                            : HttpRequest.BodyPublishers.ofByteArray(body))
                            .build();
            return client.send(request, HttpResponse.BodyHandlers.ofByteArray());
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path file : all.toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        }
    }
}
