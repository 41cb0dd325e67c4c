package atlas.vault;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How the vault is kept: the {@code vault} section.
 *
 * @param kek the key encryption key a new vault is made under; {@code file:keys/kek} in the home
 *     unless said otherwise. An existing vault remembers its own, and {@code atlas vault rekey}
 *     changes it
 * @param checkInterval how often the holder of the KEK is asked whether it may still be used
 * @param cache the longest that keys stay in memory while the holder cannot be reached; when it
 *     says no they are forgotten at once
 * @param rotateEvery the age at which a key is due to be rotated
 * @param secretFiles files and folders that a key named through the API may take PINs, tokens and
 *     credentials from, besides the folders of the home and of the configuration; a key that {@code
 *     kek} names may take them from anywhere
 */
public record VaultSettings(
        Optional<String> kek,
        Duration checkInterval,
        Duration cache,
        Duration rotateEvery,
        List<Path> secretFiles) {
    public VaultSettings {
        secretFiles = List.copyOf(secretFiles);
        between("check-interval", checkInterval, Duration.ofSeconds(1), Duration.ofMinutes(10));
        between("cache", cache, Duration.ofSeconds(1), Duration.ofHours(24));
        between("rotate-every", rotateEvery, Duration.ofDays(1), Duration.ofDays(3660));
    }

    private static void between(String name, Duration value, Duration least, Duration most) {
        if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
            throw new IllegalArgumentException(
                    "`"
                            + name
                            + "` is between "
                            + least
                            + " and "
                            + most
                            + ", not `"
                            + value
                            + "`");
        }
    }

    /** A key file in the home, asked after every half minute, forgotten after five minutes. */
    public static VaultSettings defaults() {
        return new VaultSettings(
                Optional.empty(),
                Duration.ofSeconds(30),
                Duration.ofMinutes(5),
                Duration.ofDays(90),
                List.of());
    }

    /** These, with one more folder of secret files. */
    public VaultSettings withSecretsIn(Path folder) {
        List<Path> all = new ArrayList<>(secretFiles);
        all.add(folder);
        return new VaultSettings(kek, checkInterval, cache, rotateEvery, all);
    }
}
