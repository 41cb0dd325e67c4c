package atlas.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.core.Role;
import atlas.core.Sensitive;
import atlas.identity.Authentication;
import atlas.identity.Authenticator;
import atlas.identity.Presented;
import atlas.journal.JournalQuery;
import atlas.journal.JournalVerifier;
import atlas.journal.Verification;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrustRootTest {
    private static final Clock CLOCK = Clock.systemUTC();

    @TempDir private Path folder;

    private TrustRoot open() {
        return TrustRoot.openOrCreate(folder.resolve("home"), TrustRootConfig.defaults(), CLOCK);
    }

    private Path home(String relative) {
        return folder.resolve("home").resolve(relative);
    }

    @Test
    void firstStartMakesEverythingAndTheSecondReusesIt() throws Exception {
        byte[] ca;
        String vkey;
        byte[] demo;
        try (TrustRoot root = open()) {
            assertThat(root.firstStart()).isTrue();
            assertThat(root.bootstrapPresent()).isTrue();
            ca = root.rootCertificate().getEncoded();
            demo = root.demoSigner().getPublic().getEncoded();
            vkey = Files.readString(home("journal/verifier.vkey"));
        }
        String bootstrap = Files.readString(home("bootstrap.json"));
        try (TrustRoot root = open()) {
            assertThat(root.firstStart()).isFalse();
            assertThat(root.rootCertificate().getEncoded()).isEqualTo(ca);
            assertThat(root.demoSigner().getPublic().getEncoded()).isEqualTo(demo);
            assertThat(Files.readString(home("journal/verifier.vkey"))).isEqualTo(vkey);
            assertThat(Files.readString(home("bootstrap.json"))).isEqualTo(bootstrap);
        }
    }

    @Test
    void theHomeAndWhatHoldsKeysIsOpenToItsOwnerOnly() throws IOException {
        open().close();
        assertThat(mode(folder.resolve("home"))).isEqualTo("rwx------");
        for (String piece :
                List.of(
                        "keys/kek",
                        "keys/ca.sealed",
                        "keys/journal.sealed",
                        "keys/demo-signer.sealed",
                        "keys/api-key-pepper.sealed",
                        "store.db",
                        "bootstrap.json",
                        "trust-root.json")) {
            assertThat(mode(home(piece))).as(piece).isEqualTo("rw-------");
        }
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    @Test
    void everyBootstrapKeyWorksForItsRoleOnlyAndStopsWhenRemoved() throws IOException {
        try (TrustRoot root = open()) {
            JsonNode file = new ObjectMapper().readTree(home("bootstrap.json").toFile());
            assertThat(file.size()).isEqualTo(Role.builtIn().size());
            Authenticator authenticator = TestParts.authenticator(root, CLOCK);
            for (Role role : Role.builtIn()) {
                String key = file.get(role.wireName()).get("key").asText();
                assertThat(authenticated(authenticator, key))
                        .isInstanceOfSatisfying(
                                Authentication.Authenticated.class,
                                yes -> assertThat(yes.principal().roles()).containsExactly(role));
            }
            assertThat(root.removeBootstrap()).isTrue();
            assertThat(home("bootstrap.json")).doesNotExist();
            for (Role role : Role.builtIn()) {
                String key = file.get(role.wireName()).get("key").asText();
                assertThat(authenticated(authenticator, key))
                        .isInstanceOf(Authentication.Rejected.class);
            }
            assertThat(root.grants().all()).isEmpty();
            assertThat(root.removeBootstrap()).isFalse();
        }
        try (TrustRoot again = open()) {
            assertThat(again.bootstrapPresent()).isFalse();
        }
    }

    private static Authentication authenticated(Authenticator authenticator, String key) {
        return authenticator.authenticate(Presented.bearer(Sensitive.of(key)));
    }

    @Test
    void aCrashAtAnyMomentOfTheFirstStartIsMendedByTheNext() throws Exception {
        int crashes = 0;
        for (int moment = 0; ; moment++) {
            Path home = folder.resolve("crash-" + moment);
            if (!crashesAt(home, moment)) {
                break;
            }
            crashes++;
            try (TrustRoot root = TrustRoot.openOrCreate(home, TrustRootConfig.defaults(), CLOCK)) {
                assertThat(Files.exists(home.resolve("bootstrap.json"))).isTrue();
                Authenticator authenticator = TestParts.authenticator(root, CLOCK);
                JsonNode file =
                        new ObjectMapper().readTree(home.resolve("bootstrap.json").toFile());
                for (JsonNode entry : file) {
                    assertThat(authenticated(authenticator, entry.get("key").asText()))
                            .isInstanceOf(Authentication.Authenticated.class);
                }
                long working =
                        root.apiKeys().list().stream()
                                .filter(key -> key.liveAt(CLOCK.instant()))
                                .count();
                assertThat(working).as("no key that nobody knows").isEqualTo(5);
                root.journal().checkpointNow();
                assertThat(JournalVerifier.verify(home.resolve("journal"), Optional.empty()))
                        .isInstanceOf(Verification.Holds.class);
            }
        }
        assertThat(crashes).isGreaterThanOrEqualTo(15);
    }

    private static boolean crashesAt(Path home, int moment) {
        AtomicInteger left = new AtomicInteger(moment);
        try {
            TrustRoot.openOrCreate(
                            home,
                            TrustRootConfig.defaults(),
                            CLOCK,
                            step -> {
                                if (left.getAndDecrement() == 0) {
                                    throw new Crash(step);
                                }
                            })
                    .close();
            return false;
        } catch (Crash crash) {
            return true;
        }
    }

    private static final class Crash extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Crash(String step) {
            super(step);
        }
    }

    @Test
    void aHomeInUseIsRefused() {
        try (TrustRoot root = open()) {
            assertThat(root.home()).exists();
            assertThatThrownBy(this::open)
                    .isInstanceOf(TrustRootException.class)
                    .hasMessageContaining("in use by process");
        }
    }

    @Test
    void anotherTrustDomainIsRefused() {
        open().close();
        TrustRootConfig other =
                new TrustRootConfig(
                        "other.example",
                        List.of(),
                        TrustRootConfig.defaults().bootstrapLifetime(),
                        TrustRootConfig.defaults().certificateLifetime(),
                        TrustRootConfig.defaults().signers(),
                        TrustRootConfig.defaults().keys(),
                        TrustRootConfig.defaults().keeping());

        assertThatThrownBy(() -> TrustRoot.openOrCreate(folder.resolve("home"), other, CLOCK))
                .isInstanceOf(TrustRootException.class)
                .hasMessageContaining("trust_domain");
    }

    @Test
    void noSecretLiesInTheClearExceptTheKek() throws Exception {
        byte[] demo;
        String bootstrapKey;
        try (TrustRoot root = open()) {
            demo = root.demoSigner().getPrivate().getEncoded();
            JsonNode file = new ObjectMapper().readTree(home("bootstrap.json").toFile());
            bootstrapKey = file.get("auditor").get("key").asText();
        }
        Files.delete(home("bootstrap.json"));
        String secretPart = new String(demo, demo.length - 60, 40, StandardCharsets.ISO_8859_1);
        try (Stream<Path> all = Files.walk(folder.resolve("home"))) {
            for (Path path : all.filter(Files::isRegularFile).toList()) {
                String text = Files.readString(path, StandardCharsets.ISO_8859_1);
                assertThat(text.contains(secretPart)).as(path.toString()).isFalse();
                assertThat(text.contains(bootstrapKey)).as(path.toString()).isFalse();
                assertThat(text.contains("bootstrap-auditor")).as(path.toString()).isFalse();
                assertThat(text.contains("PRIVATE KEY")).as(path.toString()).isFalse();
            }
        }
    }

    @Test
    void whatTheVaultDidBeforeTheJournalWasOpenIsInTheJournal() {
        try (TrustRoot root = open()) {
            List<String> entries =
                    root.journal().search(JournalQuery.newest(1000)).stream()
                            .map(entry -> entry.json())
                            .toList();
            assertThat(entries).anyMatch(json -> json.contains("\"act\":\"made\""));
            assertThat(entries).anyMatch(json -> json.contains("trust-root.create"));
            assertThat(entries).anyMatch(json -> json.contains("bootstrap.issue"));
        }
    }
}
