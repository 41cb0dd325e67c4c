package atlas.cli;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.control.TrustRoot;
import atlas.control.TrustRootConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who is locked out and can read the home gets new first credentials; the old ones are over. */
class BootstrapRenewalTest {
    @TempDir Path temp;

    private Path home() {
        return temp.resolve("home");
    }

    private TrustRoot open() {
        return TrustRoot.openOrCreate(home(), TrustRootConfig.defaults(), Clock.systemUTC());
    }

    private Shell.Said renew() {
        return Shell.run("--home", home().toString(), "bootstrap", "renew");
    }

    private static Set<String> working(TrustRoot trust) {
        return trust.apiKeys().list().stream()
                .filter(key -> key.revoked().isEmpty())
                .map(key -> key.id())
                .collect(Collectors.toSet());
    }

    @Test
    void newKeysTakeThePlaceOfTheOldOnes() throws IOException {
        Set<String> before;
        try (TrustRoot trust = open()) {
            before = working(trust);
        }
        Files.delete(home().resolve("bootstrap.json"));

        Shell.Said said = renew();

        assertThat(said.status()).as(said.err()).isEqualTo(Main.YES);
        assertThat(said.out()).contains("bootstrap.json").contains("expires");
        String file = Files.readString(home().resolve("bootstrap.json"));
        try (TrustRoot trust = open()) {
            Set<String> after = working(trust);
            assertThat(after).hasSameSizeAs(before).doesNotContainAnyElementsOf(before);
            assertThat(after).allMatch(file::contains);
        }
    }

    @Test
    void aRunningInstallationIsNotTouched() throws IOException {
        try (TrustRoot _ = open()) {
            String file = Files.readString(home().resolve("bootstrap.json"));

            Shell.Said said = renew();

            assertThat(said.status()).isEqualTo(Main.UNKNOWN);
            assertThat(said.err()).contains("in use");
            assertThat(Files.readString(home().resolve("bootstrap.json"))).isEqualTo(file);
        }
    }

    @Test
    void whereNothingWasMadeNothingIsMade() {
        Shell.Said said = renew();

        assertThat(said.status()).isEqualTo(Main.UNKNOWN);
        assertThat(said.err()).contains("atlas up");
        assertThat(home()).doesNotExist();
    }
}
