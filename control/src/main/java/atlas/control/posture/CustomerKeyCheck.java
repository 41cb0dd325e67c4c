package atlas.control.posture;

import atlas.core.Principal;
import atlas.core.crypto.KeyUnavailableException;
import atlas.core.crypto.Sealer;
import atlas.posture.Control;
import atlas.posture.Measurement;
import atlas.posture.Measurement.Observation;
import atlas.vault.KekProvider;
import atlas.vault.KekStatus;
import atlas.vault.KeyVault;
import atlas.vault.Purpose;
import atlas.vault.VaultSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Whether somebody else holds the key encryption key, and what happens when they take it back: in a
 * vault of the drill's own, under the very key, withheld and given back.
 */
final class CustomerKeyCheck implements Check {
    private static final byte[] SECRET = "a secret".getBytes(StandardCharsets.UTF_8);

    @Override
    public Control control() {
        return Control.CUSTOMER_KEYS;
    }

    @Override
    public Measurement measure(Drill drill) throws IOException {
        Surroundings with = drill.surroundings();
        String uri = with.keys().vault().kek();
        KekStatus kek = with.keys().vault().status().kek();
        List<Observation> seen = new ArrayList<>();
        seen.add(
                Observation.of(
                        !uri.startsWith("file:"),
                        uri.startsWith("file:")
                                ? "the key encryption key is a file in this home; `atlas vault"
                                        + " rekey --to` puts it where its owner holds it"
                                : "the key encryption key is held at " + uri));
        seen.add(
                Observation.of(
                        kek.available(),
                        "its holder " + (kek.available() ? "answers" : "is away")));
        if (!uri.startsWith("file:")) {
            Path scratch = Files.createTempDirectory(with.anchors().staging(), "posture-vault");
            try (KekProvider held = with.keys().keks().existing(uri)) {
                revocation(held, scratch, with, seen);
            } catch (KeyUnavailableException e) {
                seen.add(Observation.bad("the key cannot be used: " + e.getMessage()));
            } finally {
                Scratch.remove(scratch);
            }
        }
        return Measurement.of(control(), "the key encryption key at " + uri, seen);
    }

    private static void revocation(
            KekProvider held, Path scratch, Surroundings with, List<Observation> seen) {
        Withholding kek = new Withholding(held);
        try (KeyVault vault =
                KeyVault.open(scratch, kek, VaultSettings.defaults(), with.clock(), _ -> {})) {
            Sealer sealer = vault.sealer(Purpose.STORE, Principal.DEFAULT_TENANT);
            byte[] sealed = sealer.seal(SECRET, new byte[0]);
            kek.withheld = true;
            vault.check();
            seen.add(Observation.of(!opens(sealer, sealed), "taken back, nothing opens any more"));
            kek.withheld = false;
            vault.check();
            seen.add(Observation.of(opens(sealer, sealed), "given back, all opens again"));
        }
    }

    private static boolean opens(Sealer sealer, byte[] sealed) {
        try {
            return Arrays.equals(sealer.open(sealed, new byte[0]), SECRET);
        } catch (KeyUnavailableException e) {
            return false;
        }
    }

    /** The key as its holder gives it out, until it is withheld. */
    private static final class Withholding implements KekProvider {
        private final KekProvider held;
        private volatile boolean withheld;

        Withholding(KekProvider held) {
            this.held = held;
        }

        private KekProvider asked() {
            if (withheld) {
                throw KeyUnavailableException.withdrawn("withheld for a drill");
            }
            return held;
        }

        @Override
        public String uri() {
            return held.uri();
        }

        @Override
        public KekStatus status() {
            return held.status();
        }

        @Override
        public byte[] wrap(byte[] dek, byte[] aad) {
            return asked().wrap(dek, aad);
        }

        @Override
        public byte[] unwrap(byte[] wrapped, byte[] aad) {
            return asked().unwrap(wrapped, aad);
        }
    }
}
