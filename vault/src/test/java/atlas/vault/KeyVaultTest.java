package atlas.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.core.AuditEvent.KeyUsed;
import atlas.core.crypto.KeyUnavailableException;
import atlas.core.crypto.SealBrokenException;
import atlas.core.crypto.SealFormat;
import atlas.core.crypto.Sealer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyVaultTest {
    private static final byte[] PLAIN = "plain".getBytes(StandardCharsets.UTF_8);
    private static final byte[] PLACE = "place".getBytes(StandardCharsets.UTF_8);
    private static final Instant THEN = Instant.parse("2026-01-01T00:00:00Z");

    @TempDir Path dir;
    private final List<String> told = new ArrayList<>();
    private FileKek kek;

    @BeforeEach
    void makeTheKek() {
        kek = FileKek.openOrCreate(dir.resolve("kek"));
    }

    private KeyVault open() {
        return open(Clock.fixed(THEN, ZoneOffset.UTC));
    }

    private KeyVault open(Clock clock) {
        return KeyVault.open(dir.resolve("vault"), kek, clock, this::tell);
    }

    private void tell(KeyUsed event) {
        told.add(event.act() + " " + event.key() + "#" + event.version());
    }

    @Test
    void opensAfterRestartWhatWasSealedBefore() {
        byte[] sealed;
        try (KeyVault vault = open()) {
            sealed = vault.sealer(Purpose.STORE, "default").seal(PLAIN, PLACE);
        }
        try (KeyVault vault = open()) {
            assertThat(vault.sealer(Purpose.STORE, "default").open(sealed, PLACE)).isEqualTo(PLAIN);
        }
        assertThat(told)
                .containsExactly(
                        "made default#1",
                        "made default/STORE#1",
                        "released default#1",
                        "released default/STORE#1");
    }

    @Test
    void opensNothingOfAnotherPurposeTenantOrPlace() {
        try (KeyVault vault = open()) {
            byte[] sealed = vault.sealer(Purpose.STORE, "default").seal(PLAIN, PLACE);
            for (Sealer other :
                    List.of(
                            vault.sealer(Purpose.TOKENS, "default"),
                            vault.sealer(Purpose.STORE, "acme"))) {
                assertThatThrownBy(() -> other.open(sealed, PLACE))
                        .isInstanceOf(SealBrokenException.class);
            }
            assertThatThrownBy(
                            () -> vault.sealer(Purpose.STORE, "default").open(sealed, new byte[0]))
                    .isInstanceOf(SealBrokenException.class);
        }
    }

    @Test
    void sealsUnderTheNewKeyAfterRotationAndStillOpensTheOld() {
        try (KeyVault vault = open()) {
            Sealer sealer = vault.sealer(Purpose.STORE, "default");
            byte[] old = sealer.seal(PLAIN, PLACE);

            assertThat(vault.rotate(Purpose.STORE, "default")).isEqualTo(2);

            assertThat(SealFormat.version(sealer.seal(PLAIN, PLACE))).isEqualTo(2);
            assertThat(sealer.open(old, PLACE)).isEqualTo(PLAIN);
        }
        try (KeyVault vault = open()) {
            byte[] sealed = vault.sealer(Purpose.STORE, "default").seal(PLAIN, PLACE);
            assertThat(SealFormat.version(sealed)).isEqualTo(2);
        }
    }

    @Test
    void showsTheTreeWithVersionsAndAges() {
        try (KeyVault vault = open()) {
            vault.sealer(Purpose.STORE, "default");
            vault.rotate(Purpose.STORE, "default");
        }
        Clock later = Clock.fixed(THEN.plus(Duration.ofDays(3)), ZoneOffset.UTC);
        try (KeyVault vault = open(later)) {
            VaultStatus status = vault.status();

            assertThat(status.kek().note()).contains("in the clear");
            assertThat(status.tenants()).hasSize(1);
            VaultStatus.PurposeStatus store = status.tenants().getFirst().purposes().getFirst();
            assertThat(store.purpose()).isEqualTo(Purpose.STORE);
            assertThat(store.keys())
                    .containsExactly(
                            new VaultStatus.KeyStatus(
                                    1, THEN, Duration.ofDays(3), false, Optional.empty()),
                            new VaultStatus.KeyStatus(
                                    2,
                                    THEN,
                                    Duration.ofDays(3),
                                    true,
                                    Optional.of(THEN.plus(Duration.ofDays(90)))));
        }
    }

    @Test
    void changesNothingWhenTheAuditRefuses() {
        try (KeyVault vault = open()) {
            vault.sealer(Purpose.STORE, "default");
        }
        KeyVault vault =
                KeyVault.open(
                        dir.resolve("vault"),
                        kek,
                        Clock.systemUTC(),
                        event -> {
                            if (event.act().equals("rotated")) {
                                throw new IllegalStateException("no journal");
                            }
                        });
        try (vault) {
            assertThatThrownBy(() -> vault.rotate(Purpose.STORE, "default"))
                    .hasMessage("no journal");
            byte[] sealed = vault.sealer(Purpose.STORE, "default").seal(PLAIN, PLACE);
            assertThat(SealFormat.version(sealed)).isEqualTo(1);
        }
    }

    @Test
    void refusesAKeyringWithAnyByteChanged() throws IOException {
        try (KeyVault vault = open()) {
            vault.sealer(Purpose.STORE, "default");
        }
        Path file = dir.resolve("vault/keyring");
        byte[] good = Files.readAllBytes(file);
        for (int i = 0; i < good.length; i++) {
            byte[] bad = good.clone();
            bad[i] ^= 4;
            Files.write(file, bad);
            assertThatThrownBy(this::open)
                    .as("byte %d", i)
                    .isInstanceOf(VaultException.class)
                    .hasMessageContaining("backup");
        }
    }

    @Test
    void refusesAKeyringOfAnotherKek() {
        open().close();
        kek = FileKek.openOrCreate(dir.resolve("another"));

        assertThatThrownBy(this::open)
                .isInstanceOf(VaultException.class)
                .hasMessageContaining("made under another KEK");
    }

    @Test
    void refusesToBeOpenedTwice() {
        KeyVault first = open();
        assertThatThrownBy(this::open)
                .isInstanceOf(VaultException.class)
                .hasMessageContaining("open in another process");
        first.close();
        open().close();
    }

    @Test
    void storesNoKeyInTheClear() throws IOException {
        try (KeyVault vault = open()) {
            vault.sealer(Purpose.STORE, "acme-tenant");
        }
        assertThat(Files.readString(dir.resolve("vault/keyring"))).doesNotContain("acme-tenant");
    }

    @Test
    void sealsNothingOnceClosed() {
        KeyVault vault = open();
        Sealer sealer = vault.sealer(Purpose.STORE, "default");
        vault.close();

        assertThatThrownBy(() -> sealer.seal(PLAIN, PLACE))
                .isInstanceOf(KeyUnavailableException.class);
    }
}
