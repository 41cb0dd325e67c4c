package atlas.control.trust;

import atlas.core.AuditEvent.KeyUsed;
import atlas.vault.KekProvider;
import atlas.vault.KeyVault;
import atlas.vault.VaultException;
import atlas.vault.VaultSettings;
import atlas.vault.kek.KekProviders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** The vault of a home, under whichever KEK it was last put. */
public final class HomeVault {
    private final HomeDirectory home;
    private final String kekFile;
    private final Clock clock;

    /**
     * @param kekFile where the key of a new home lies unless another is named
     */
    public HomeVault(HomeDirectory home, String kekFile, Clock clock) {
        this.home = home;
        this.kekFile = kekFile;
        this.clock = clock;
    }

    /**
     * Opens it, or makes it.
     *
     * @param needed what an established home must have already
     * @throws PieceException when something of an established home is missing
     * @throws VaultException when it does not open, or was put under another KEK than the settings
     *     name
     */
    public KeyVault open(List<String> needed, VaultSettings settings, Consumer<KeyUsed> keyUses) {
        needed.forEach(this::require);
        if (!needed.isEmpty() || sealedThere()) {
            // Made anew it would open nothing of what is here.
            require("vault/keyring");
        }
        home.folder("keys");
        Path folder = home.folder("vault");
        Optional<String> recorded = KeyVault.kekUri(folder);
        settings.kek()
                .filter(named -> recorded.isPresent() && !named.equals(recorded.get()))
                .ifPresent(named -> {
                    throw new VaultException(
                            "the vault is under `"
                                    + recorded.get()
                                    + "`, where `atlas vault rekey` put it, and `vault.kek` in the"
                                    + " configuration still names `"
                                    + named
                                    + "`; write `kek: \""
                                    + recorded.get()
                                    + "\"` there, or take `kek` out, and start again. To move the"
                                    + " vault, start it as it is and use `atlas vault rekey --to`",
                            null);
                });
        String local = "file:" + kekFile;
        String uri = recorded.or(settings::kek).orElse(local);
        if (!needed.isEmpty() && uri.equals(local)) {
            require(kekFile);
        }
        KekProvider kek = opened(uri, settings, recorded.isPresent());
        home.passed(kekFile);
        return KeyVault.open(folder, kek, settings, clock, keyUses);
    }

    private KekProvider opened(String uri, VaultSettings settings, boolean established) {
        KekProviders providers = new KekProviders(home.root(), settings, clock);
        try {
            return established ? providers.existing(uri) : providers.open(uri);
        } catch (IllegalArgumentException e) {
            throw new VaultException("`vault.kek`: " + e.getMessage(), e);
        }
    }

    private boolean sealedThere() {
        Path keys = home.path("keys");
        if (!Files.isDirectory(keys)) {
            return false;
        }
        try (Stream<Path> there = Files.list(keys)) {
            return there.anyMatch(file -> file.getFileName().toString().endsWith(".sealed"));
        } catch (IOException e) {
            throw new HomeException("cannot read `" + keys + "`", e);
        }
    }

    private void require(String piece) {
        if (!home.has(piece)) {
            throw new PieceException(
                    "`"
                            + home.path(piece)
                            + "` is missing; restore it from a backup of"
                            + " this home: without it what is sealed here stays sealed",
                    null);
        }
    }
}
