package atlas.vault.kek;

import atlas.vault.VaultSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.StreamSupport;

/**
 * Where the secrets of a key may lie. The configuration may name any file; whoever names a key
 * through the API may not, for what a file holds is shown to the host that the same name says.
 *
 * @param named the key that the configuration names
 */
record SecretPlaces(Optional<String> named, List<Path> places) {
    /** A module is no secret; it must belong to root. */
    private static final Set<String> SECRETS =
            Set.of(
                    "passphrase-file",
                    "pin-source",
                    "token-file",
                    "credentials-file",
                    "client-secret-file",
                    KekTransport.CA_FILE);

    private static final Path UP = Path.of("..");

    SecretPlaces {
        places = List.copyOf(places);
    }

    static SecretPlaces of(Path base, VaultSettings settings) {
        List<Path> places = new ArrayList<>(List.of(base));
        places.addAll(settings.secretFiles());
        return new SecretPlaces(settings.kek(), places.stream().map(SecretPlaces::real).toList());
    }

    /**
     * Refuses a key with a file elsewhere.
     *
     * @throws IllegalArgumentException saying which, and where it may be
     */
    void admit(KekUri uri, Path base) {
        if (named.filter(uri.text()::equals).isPresent()) {
            return;
        }
        for (String parameter : SECRETS) {
            uri.file(parameter, base).ifPresent(file -> admit(parameter, file));
        }
    }

    private void admit(String parameter, Path file) {
        if (StreamSupport.stream(file.spliterator(), false).anyMatch(UP::equals)) {
            throw new IllegalArgumentException(
                    "`" + parameter + "` names `" + file + "`; write it without `..`");
        }
        Path real = real(file);
        if (places.stream().noneMatch(real::startsWith)) {
            throw new IllegalArgumentException(
                    "`"
                            + parameter
                            + "` names `"
                            + file
                            + "`, which lies in none of "
                            + places.stream().map(place -> "`" + place + "`").toList()
                            + "; put it there, or name it in `vault.secret-files` of the"
                            + " configuration");
        }
    }

    /** Where links lead, of a file that may not be there yet. */
    private static Path real(Path file) {
        Path whole = file.toAbsolutePath();
        for (Path there = whole; there != null; there = there.getParent()) {
            if (Files.exists(there)) {
                try {
                    return there.toRealPath().resolve(there.relativize(whole));
                } catch (IOException e) {
                    throw new IllegalArgumentException("`" + file + "` cannot be found", e);
                }
            }
        }
        return whole;
    }
}
