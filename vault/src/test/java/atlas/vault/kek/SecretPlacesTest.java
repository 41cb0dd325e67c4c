package atlas.vault.kek;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.vault.VaultSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which files a key may take secrets from. */
class SecretPlacesTest {
    @TempDir Path folder;
    private Path home;
    private Path elsewhere;

    @BeforeEach
    void make() throws Exception {
        home = Files.createDirectory(folder.resolve("home"));
        elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
        Files.writeString(home.resolve("token"), "s.mine");
        Files.writeString(elsewhere.resolve("token"), "s.another");
    }

    private static String transit(Object token) {
        return "vault-transit:https://h/transit/k?token-file=" + token;
    }

    private void check(String uri, Optional<String> named, Path... places) {
        VaultSettings usual = VaultSettings.defaults();
        VaultSettings settings =
                new VaultSettings(
                        named,
                        usual.checkInterval(),
                        usual.cache(),
                        usual.rotateEvery(),
                        List.of(places));
        new KekProviders(home, settings, Clock.systemUTC()).check(uri);
    }

    private AbstractThrowableAssert<?, ?> refused(String uri, Path... places) {
        return assertThatThrownBy(() -> check(uri, Optional.empty(), places))
                .as(uri)
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void filesOfTheHomeAndOfPlacesThatTheConfigurationNamesAreTaken() {
        check(transit("token"), Optional.empty());
        check(transit(home.resolve("not-there-yet")), Optional.empty());
        check(transit(elsewhere.resolve("token")), Optional.empty(), elsewhere);
        check(transit(elsewhere.resolve("token")), Optional.empty(), elsewhere.resolve("token"));
        String named = transit(elsewhere.resolve("token"));
        assertThatCode(() -> check(named, Optional.of(named))).doesNotThrowAnyException();
    }

    @Test
    void othersAreRefusedWhicheverWayTheyAreNamed() throws Exception {
        refused(transit(elsewhere.resolve("token")))
                .hasMessageContaining("lies in none of")
                .hasMessageContaining("vault.secret-files");
        refused(transit("../elsewhere/token")).hasMessageContaining("without `..`");
        Files.createSymbolicLink(home.resolve("link"), elsewhere);
        refused(transit("link/token")).hasMessageContaining("lies in none of");
        refused(transit("link/not-there-yet")).hasMessageContaining("lies in none of");
        refused(transit(elsewhere.resolve("token")), elsewhere.resolve("other"));
        refused(transit("token") + "&ca-file=/etc/hostname").hasMessageContaining("ca-file");
        refused("file:keys/kek?passphrase-file=" + elsewhere.resolve("token"))
                .hasMessageContaining("passphrase-file");
        refused("pkcs11:token=a;object=b?module-path=/m&pin-source=file:/etc/hostname")
                .hasMessageContaining("pin-source");
        String named = transit(elsewhere.resolve("token"));
        assertThatThrownBy(
                        () -> check(named.replace("https://h/", "https://i/"), Optional.of(named)))
                .hasMessageContaining("lies in none of");
    }
}
