package atlas.control.trust;

import atlas.core.Principal;
import atlas.core.crypto.Sealer;
import atlas.journal.JournalKeys;
import atlas.journal.JournalSettings;
import atlas.journal.shared.SharedLog;
import atlas.vault.KeyVault;
import atlas.vault.Purpose;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;

/** The keys of a home's journal, which the vault seals and is told by. */
public final class HomeJournal {
    /** The sealed keys of the journal. */
    public static final String PIECE = "keys/journal.sealed";

    private HomeJournal() {}

    /**
     * The journal's keys; a new journal is called after the trust domain. Whoever only records into
     * a shared log needs its verifier key alone.
     */
    public static JournalKeys keys(
            KeyVault vault,
            SealedPieces pieces,
            Sealer trust,
            String trustDomain,
            JournalSettings settings) {
        Sealer entries = vault.sealer(Purpose.JOURNAL, Principal.DEFAULT_TENANT);
        // The vault releases the key now, while its word of that can still wait: later it would
        // have to be sealed by the very key it speaks of.
        entries.seal(new byte[0], new byte[0]);
        Optional<String> elsewhere = settings.shared().flatMap(SharedLog::verifierKey);
        if (elsewhere.isPresent()) {
            return JournalKeys.recording(elsewhere.get(), entries);
        }
        return pieces.opened(
                PIECE,
                () -> {
                    byte[] unique = new byte[4];
                    new SecureRandom().nextBytes(unique);
                    String origin = trustDomain + "/journal/" + HexFormat.of().formatHex(unique);
                    return JournalKeys.create(origin, entries).export(trust);
                },
                sealed -> JournalKeys.open(sealed, trust, entries));
    }
}
