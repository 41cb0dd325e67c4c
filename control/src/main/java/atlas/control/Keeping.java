package atlas.control;

import atlas.journal.JournalSettings;
import atlas.vault.VaultSettings;

/** How a home keeps what it records, and the keys to it. */
public record Keeping(JournalSettings journal, VaultSettings vault) {
    public static Keeping defaults() {
        return new Keeping(JournalSettings.defaults(), VaultSettings.defaults());
    }
}
