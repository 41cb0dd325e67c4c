package atlas.control;

import atlas.journal.JournalSettings;
import atlas.vault.VaultSettings;

/** How a home keeps what it records, and the keys to it. */
public record HomeConfig(JournalSettings journal, VaultSettings vault) {
    public static HomeConfig defaults() {
        return new HomeConfig(JournalSettings.defaults(), VaultSettings.defaults());
    }
}
