package atlas.control.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.core.AuditEvent.AlertRaised;
import atlas.core.Cidr;
import atlas.core.Glob;
import atlas.core.Principal;
import atlas.core.Role;
import atlas.core.crypto.SealBrokenException;
import atlas.core.crypto.Sealer;
import atlas.identity.ApiKey;
import atlas.identity.KeyLimits;
import atlas.identity.KeyLimits.Allowance;
import atlas.identity.StoreUnavailableException;
import atlas.policy.Grant;
import atlas.policy.GrantRefusedException;
import atlas.vault.FileKek;
import atlas.vault.KeyVault;
import atlas.vault.Purpose;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreTest {
    private static final KeyLimits LIMITS =
            new KeyLimits(
                    List.of(Cidr.parse("10.0.0.0/8"), Cidr.parse("2001:db8::/32")),
                    Optional.of(Allowance.parse("1000000/24h")),
                    Optional.of(Allowance.parse("60/1m")));
    private static final Instant T0 = Instant.parse("2026-03-01T12:00:00Z");
    private static final byte[] SECRET = new byte[32];

    @TempDir private Path folder;
    private KeyVault vault;
    private Sealer sealer;

    @BeforeEach
    void openVault() {
        vault =
                KeyVault.open(
                        folder.resolve("vault"),
                        FileKek.openOrCreate(folder.resolve("kek")),
                        Clock.systemUTC(),
                        _ -> {});
        sealer = vault.sealer(Purpose.STORE, Principal.DEFAULT_TENANT);
    }

    @AfterEach
    void closeVault() {
        vault.close();
    }

    private Path file() {
        return folder.resolve("store.db");
    }

    private ControlStore open() {
        return ControlStore.open(file(), sealer, SECRET);
    }

    private static ApiKey key(String id, Optional<Instant> revoked) {
        return new ApiKey(
                id,
                "team/planted-α",
                Principal.Kind.SERVICE,
                "default",
                Set.of(Role.CONSUMER, Role.OPERATOR),
                List.of(new Glob("tiny-*"), new Glob("*")),
                LIMITS,
                T0,
                T0.plusSeconds(3600),
                revoked,
                revoked.map(_ -> "bbbbbbbbbbbbbbbb"),
                Optional.empty(),
                "planted 'note'",
                new byte[32]);
    }

    private static Grant grant(String principal, Role role, String... models) {
        return new Grant(
                principal,
                role,
                Stream.of(models).map(Glob::new).toList(),
                "default",
                Optional.of(T0));
    }

    @Test
    void keysComeBackWholeAfterARestart() {
        ApiKey plain = key("aaaaaaaaaaaaaaaa", Optional.empty());
        ApiKey revoked = key("cccccccccccccccc", Optional.of(T0.plusSeconds(5)));
        try (ControlStore store = open();
                SqlApiKeyStore keys = new SqlApiKeyStore(store)) {
            keys.put(plain);
            keys.put(key("cccccccccccccccc", Optional.empty()));
            keys.put(revoked);
            assertThat(keys.find("%")).isEmpty();
            assertThat(keys.find("AAAAAAAAAAAAAAAA")).isEmpty();
        }
        try (ControlStore store = open();
                SqlApiKeyStore keys = new SqlApiKeyStore(store)) {
            assertThat(keys.all()).containsExactly(plain, revoked);
            assertThat(keys.find("cccccccccccccccc")).contains(revoked);
        }
    }

    @Test
    void lastUsesAreSeenAtOnceAndKeptByTheNextFlush() {
        try (ControlStore store = open();
                SqlApiKeyStore keys = new SqlApiKeyStore(store)) {
            keys.put(key("aaaaaaaaaaaaaaaa", Optional.empty()));
            keys.touched("aaaaaaaaaaaaaaaa", T0.plusSeconds(9));
            keys.touched("aaaaaaaaaaaaaaaa", T0.plusSeconds(3));
            keys.touched("unknown", T0);
            assertThat(keys.find("aaaaaaaaaaaaaaaa").orElseThrow().lastUsed())
                    .contains(T0.plusSeconds(9));
            keys.flush();
            keys.put(key("aaaaaaaaaaaaaaaa", Optional.of(T0)));
        }
        try (ControlStore store = open();
                SqlApiKeyStore keys = new SqlApiKeyStore(store)) {
            assertThat(keys.all()).hasSize(1);
            assertThat(keys.all().getFirst().lastUsed()).contains(T0.plusSeconds(9));
        }
    }

    @Test
    void aStoreThatFailsChangesNothingAndSaysUnavailable() {
        ControlStore store = open();
        SqlApiKeyStore keys = new SqlApiKeyStore(store);
        keys.put(key("aaaaaaaaaaaaaaaa", Optional.empty()));
        store.close();

        assertThatThrownBy(() -> keys.put(key("aaaaaaaaaaaaaaaa", Optional.of(T0))))
                .isInstanceOf(StoreUnavailableException.class);
        assertThat(keys.find("aaaaaaaaaaaaaaaa").orElseThrow().revoked()).isEmpty();
    }

    @Test
    void grantsComeBackWholeAfterARestartAndConflictsAreNeverStored() {
        Grant kept = grant("planted-alice", Role.MODEL_ADMIN);
        Grant pattern = grant("oidc:https://idp.example#*", Role.AUDITOR);
        try (ControlStore store = open()) {
            SqlGrantStore grants = new SqlGrantStore(store);
            grants.put(kept);
            grants.put(grant("bob", Role.CONSUMER, "a"));
            grants.put(grant("bob", Role.CONSUMER, "b"));
            grants.put(pattern);
            assertThat(grants.remove("bob", Role.OPERATOR)).isFalse();
            assertThatThrownBy(() -> grants.put(grant("planted-alice", Role.OPERATOR)))
                    .isInstanceOf(GrantRefusedException.class);
        }
        try (ControlStore store = open()) {
            SqlGrantStore grants = new SqlGrantStore(store);
            assertThat(grants.all())
                    .containsExactlyInAnyOrder(kept, pattern, grant("bob", Role.CONSUMER, "b"));
            assertThat(grants.of("oidc:https://idp.example#carol")).containsExactly(pattern);
            assertThat(grants.remove("bob", Role.CONSUMER)).isTrue();
        }
        try (ControlStore store = open()) {
            assertThat(new SqlGrantStore(store).of("bob")).isEmpty();
        }
    }

    @Test
    void alertsAndWhoHasSeenThemComeBackAfterARestart() {
        AlertRaised alert =
                new AlertRaised(
                        "alr_1", "denied_burst", "medium", "planted-x", "why", List.of(1L, 2L));
        try (ControlStore store = open()) {
            AlertBook book = new AlertBook(store);
            book.file(alert, T0);
            book.acknowledge("alr_1", "alice", T0.plusSeconds(1));
            book.acknowledge("alr_1", "bob", T0.plusSeconds(2));
            book.file(alert, T0.plusSeconds(3));
            book.dismiss("alr_1", "bob", T0.plusSeconds(4));
        }
        try (ControlStore store = open()) {
            assertThat(new AlertBook(store).all())
                    .containsExactly(
                            new AlertBook.Filed(
                                    alert,
                                    T0,
                                    Optional.of("alice"),
                                    Optional.of(T0.plusSeconds(1)),
                                    true));
        }
    }

    @Test
    void theFileSaysNothingAboutPeople() throws Exception {
        try (ControlStore store = open();
                SqlApiKeyStore keys = new SqlApiKeyStore(store)) {
            keys.put(key("aaaaaaaaaaaaaaaa", Optional.empty()));
            new SqlGrantStore(store).put(grant("planted-bob", Role.AUDITOR));
            try (Stream<Path> all = Files.list(folder)) {
                for (Path path : all.filter(Files::isRegularFile).toList()) {
                    String text = Files.readString(path, StandardCharsets.ISO_8859_1);
                    assertThat(text).doesNotContain("planted").doesNotContain("auditor");
                }
            }
        }
    }

    @Test
    void aRecordMovedToAnotherRowDoesNotOpen() throws Exception {
        try (ControlStore store = open();
                SqlApiKeyStore keys = new SqlApiKeyStore(store)) {
            keys.put(key("aaaaaaaaaaaaaaaa", Optional.empty()));
            keys.put(key("cccccccccccccccc", Optional.empty()));
        }
        sql(
                "UPDATE api_keys SET record = (SELECT record FROM api_keys"
                        + " WHERE id = 'aaaaaaaaaaaaaaaa') WHERE id = 'cccccccccccccccc'");
        try (ControlStore store = open()) {
            assertThatThrownBy(() -> new SqlApiKeyStore(store))
                    .isInstanceOf(SealBrokenException.class);
        }
    }

    @Test
    void aFileOfANewerProgramIsRefused() throws Exception {
        open().close();
        sql("PRAGMA user_version = 99");
        assertThatThrownBy(this::open)
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("newer program");
    }

    private void sql(String statement) throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file());
                Statement run = connection.createStatement()) {
            run.execute(statement);
        }
    }
}
