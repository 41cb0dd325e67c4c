package atlas.vault;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.core.crypto.Sealer;
import atlas.vault.kek.KekProviders;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Pulls the plug on a process that turns keys as fast as it can: what it said was sealed opens
 * afterwards, under the KEK the keyring names, whichever turn was under way. {@code
 * -Dvault.crash.rounds=200} for a campaign, {@code -Dvault.crash.seed} to repeat one.
 */
class VaultCrashTest {
    private static final byte[] PLACE = "place".getBytes(StandardCharsets.UTF_8);

    @TempDir Path dir;

    @Test
    void afterAnyInterruptionTheVaultIsAsBeforeOrAsAfter() throws Exception {
        long seed = Long.getLong("vault.crash.seed", System.nanoTime());
        int rounds = Integer.getInteger("vault.crash.rounds", 4);
        Random random = new Random(seed);
        List<String> promised = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            promised.addAll(interrupted(round, random.nextInt(400)));
            verify(promised, "seed " + seed + ", round " + round);
        }
        assertThat(promised).as("seed %d", seed).isNotEmpty();
    }

    private List<String> interrupted(int round, int extra) throws Exception {
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                paths("jdk.module.path") + ":" + paths("java.class.path"),
                                Turning.class.getName(),
                                dir.toString(),
                                Integer.toString(round))
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        List<String> promised = new ArrayList<>();
        try (BufferedReader out =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            // A few turns, then a while that ends somewhere within the next.
            for (int line = 0; line < 6; line++) {
                String text = out.readLine();
                assertThat(text).as("the process turned keys").isNotNull();
                promised.add(text);
            }
            process.waitFor(extra, TimeUnit.MICROSECONDS);
            // By its handle: the process itself would close the stream that is still to be read.
            process.toHandle().destroyForcibly();
            for (String text = out.readLine(); text != null; text = out.readLine()) {
                promised.add(text);
            }
        }
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        // The last line may have been cut in the middle, and then promises nothing.
        promised.removeIf(text -> !text.endsWith("."));
        return promised;
    }

    private static String paths(String name) {
        return System.getProperty(name, "");
    }

    private void verify(List<String> promised, String when) {
        Path home = dir.resolve("vault");
        String uri = KeyVault.kekUri(home).orElseThrow();
        KekProvider kek = new KekProviders(dir, Clock.systemUTC()).open(uri);
        try (KeyVault vault = KeyVault.open(home, kek, Clock.systemUTC(), _ -> {})) {
            Sealer sealer = vault.sealer(Purpose.STORE, "default");
            for (String text : promised) {
                byte[] sealed = HexFormat.of().parseHex(text, 0, text.length() - 1);
                assertThat(sealer.open(sealed, PLACE)).as(when).isEqualTo(PLACE);
            }
            assertThat(sealer.open(sealer.seal(PLACE, PLACE), PLACE)).isEqualTo(PLACE);
        }
    }

    /** Turns keys until killed, and says after each turn what it sealed. */
    static final class Turning {
        private static final PrintStream OUT =
                new PrintStream(new FileOutputStream(FileDescriptor.out), true);

        private Turning() {}

        public static void main(String[] args) {
            Path dir = Path.of(args[0]);
            Path home = dir.resolve("vault");
            KekProviders keks = new KekProviders(dir, Clock.systemUTC());
            Optional<String> known = KeyVault.kekUri(home);
            KeyVault vault =
                    KeyVault.open(
                            home,
                            keks.open(known.orElse("file:first")),
                            Clock.systemUTC(),
                            _ -> {});
            Sealer sealer = vault.sealer(Purpose.STORE, "default");
            for (int turn = 0; ; turn++) {
                switch (turn % 3) {
                    case 0 -> vault.rekey(keks.open("file:kek-" + args[1] + "-" + turn));
                    case 1 -> vault.rotateTenant("default");
                    default -> vault.rotate(Purpose.STORE, "default");
                }
                OUT.println(HexFormat.of().formatHex(sealer.seal(PLACE, PLACE)) + ".");
            }
        }
    }
}
