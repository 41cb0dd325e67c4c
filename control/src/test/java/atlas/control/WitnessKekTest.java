package atlas.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.core.crypto.KeyUnavailableException;
import atlas.tlog.AddCheckpoint;
import atlas.tlog.CheckpointText;
import atlas.tlog.NoteSigner;
import atlas.tlog.TreeHasher;
import atlas.vault.VaultSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A witness whose key encryption key is taken away signs nothing, and goes on when it is back. */
@Timeout(120)
class WitnessKekTest {
    private static final String ORIGIN = "log.example/a";

    @TempDir Path folder;
    private final NoteSigner log = NoteSigner.generate(ORIGIN);

    private WitnessHome open() {
        WitnessConfig usual = WitnessConfig.defaults();
        WitnessConfig config =
                new WitnessConfig(
                        Optional.of("witness.example/w"),
                        List.of(log.verifierKey().toString()),
                        usual.listenAddress(),
                        0,
                        List.of(),
                        Optional.empty(),
                        usual.certificateLifetime(),
                        Duration.ofSeconds(1));
        VaultSettings vault =
                new VaultSettings(
                        Optional.empty(),
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(1),
                        Duration.ofDays(90),
                        List.of());
        return WitnessHome.open(folder.resolve("home"), config, vault, Clock.systemUTC());
    }

    /** The status of one question; the empty tree may be shown again and again. */
    private int asked(WitnessHome home) {
        String note = log.sign(new CheckpointText(ORIGIN, 0, TreeHasher.emptyRoot()).text());
        return home.witness().answer(new AddCheckpoint(0, List.of(), note).bytes()).status();
    }

    private void until(boolean refused, WitnessHome home) {
        while (refusal(home) != refused) {
            LockSupport.parkNanos(20_000_000);
        }
    }

    private boolean refusal(WitnessHome home) {
        try {
            return asked(home) != 200;
        } catch (KeyUnavailableException e) {
            return true;
        }
    }

    @Test
    void nothingIsCosignedWhileTheKeyIsAway() throws Exception {
        Path kek = folder.resolve("home/keys/kek");
        Path drawer = folder.resolve("kek");
        try (WitnessHome home = open()) {
            assertThat(asked(home)).isEqualTo(200);

            Files.move(kek, drawer);
            until(true, home);
            assertThatThrownBy(() -> asked(home)).isInstanceOf(KeyUnavailableException.class);

            Files.move(drawer, kek);
            until(false, home);
            assertThat(asked(home)).isEqualTo(200);
        }
    }
}
