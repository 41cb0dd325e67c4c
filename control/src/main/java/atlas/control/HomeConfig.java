package atlas.control;

import atlas.journal.JournalSettings;
import atlas.vault.VaultSettings;

/** How a home keeps what it records, the keys to it, and what is left when it is gone. */
public record HomeConfig(JournalSettings journal, VaultSettings vault, BackupConfig backups) {
    /** Without backups that are made by themselves. */
    public HomeConfig(JournalSettings journal, VaultSettings vault) {
        this(journal, vault, BackupConfig.defaults());
    }

    public static HomeConfig defaults() {
        return new HomeConfig(JournalSettings.defaults(), VaultSettings.defaults());
    }
}
