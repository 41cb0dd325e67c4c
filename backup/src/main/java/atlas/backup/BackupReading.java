package atlas.backup;

/** What reading a backup came to. */
public sealed interface BackupReading {

    /**
     * Everything in it is what was written, by whoever signed the label, and was read.
     *
     * @param manifest what is in it
     */
    record Holds(BackupLabel label, BackupManifest manifest) implements BackupReading {}

    /** The signature and every byte under it hold; nothing was opened. */
    record Signed(BackupLabel label) implements BackupReading {}

    /** It is not what was written: nothing that came out of it is to be used. */
    record Broken(String what) implements BackupReading {}

    /** The identities given are not enough to open it. */
    record Locked(String why) implements BackupReading {}
}
