package atlas.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One established home; each case breaks a piece, sees it refused, and mends it. */
class TrustRootFaultTest {
    @TempDir private static Path folder;

    private static TrustRoot open() {
        return TrustRoot.openOrCreate(
                folder.resolve("home"), TrustRootConfig.defaults(), Clock.systemUTC());
    }

    private static Path home(String relative) {
        return folder.resolve("home").resolve(relative);
    }

    @BeforeAll
    static void establish() {
        open().close();
    }

    @AfterAll
    static void mendedItOpensAgain() {
        try (TrustRoot root = open()) {
            assertThat(root.firstStart()).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "keys/kek",
                "keys/ca.sealed",
                "keys/journal.sealed",
                "keys/demo-signer.sealed",
                "keys/api-key-pepper.sealed",
                "vault",
                "vault/keyring",
                "journal",
                "store.db",
                "models"
            })
    void aMissingPieceIsNamedAndNotMadeAnew(String piece) throws IOException {
        Path aside = folder.resolve("aside");
        Files.move(home(piece), aside);

        assertThatThrownBy(TrustRootFaultTest::open)
                .isInstanceOf(TrustRootException.class)
                .hasMessageContaining(piece)
                .hasMessageContaining("restore");
        assertThat(home(piece)).doesNotExist();

        Files.move(aside, home(piece));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "keys/kek",
                "keys/ca.sealed",
                "keys/journal.sealed",
                "keys/demo-signer.sealed",
                "keys/api-key-pepper.sealed",
                "tls/ca.pem",
                "trust-root.json"
            })
    void anAlteredPieceIsRefused(String piece) throws IOException {
        byte[] bytes = Files.readAllBytes(home(piece));
        bytes[bytes.length - 12] ^= 1;
        Files.write(home(piece), bytes);

        assertThatThrownBy(TrustRootFaultTest::open).isInstanceOf(TrustRootException.class);

        bytes[bytes.length - 12] ^= 1;
        Files.write(home(piece), bytes);
    }

    @Test
    void withoutItsManifestAHomeGetsNoNewKeyringEither() throws IOException {
        Path keyring = folder.resolve("keyring");
        Path manifest = folder.resolve("manifest");
        Files.move(home("vault/keyring"), keyring);
        Files.move(home("trust-root.json"), manifest);

        assertThatThrownBy(TrustRootFaultTest::open)
                .isInstanceOf(TrustRootException.class)
                .hasMessageContaining("vault/keyring` is missing");
        assertThat(home("vault/keyring")).doesNotExist();

        Files.move(keyring, home("vault/keyring"));
        Files.move(manifest, home("trust-root.json"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ca_sha256", "format", "journal_vkey", "statements", "trust_domain"})
    void anAlteredNameInTheManifestIsRefused(String name) throws IOException {
        Path manifest = home("trust-root.json");
        String good = Files.readString(manifest);
        Files.writeString(manifest, good.replace('"' + name + '"', "\"x" + name + '"'));

        assertThatThrownBy(TrustRootFaultTest::open)
                .isInstanceOf(TrustRootException.class)
                .hasMessageContaining("trust-root.json");

        Files.writeString(manifest, good);
    }
}
