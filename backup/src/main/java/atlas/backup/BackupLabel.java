package atlas.backup;

import atlas.core.Digest;
import atlas.tlog.MalformedException;
import atlas.tlog.NoteVerifierKey;
import atlas.tlog.SignedNote;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What the key of a home signs of a backup, and anybody can check without opening it:
 *
 * <pre>
 * atlas-backup/v1
 * origin of the log
 * verifier key of the log
 * when
 * bytes before the label
 * their SHA-256
 * </pre>
 *
 * <p>Its first line is no origin, so it is never taken for a checkpoint.
 *
 * @param vkey the key that signed
 * @param bytes of everything before the label
 * @param sha256 of everything before the label: what the backup is called
 */
public record BackupLabel(String origin, String vkey, Instant created, long bytes, Digest sha256) {
    /** The first line. */
    static final String KIND = "atlas-backup/v1";

    private static final int LINES = 6;

    /** What the backup is called. */
    public String id() {
        return sha256.hex();
    }

    /** The lines after those that name the kind and the log. */
    List<String> lines() {
        return List.of(vkey, created.toString(), Long.toString(bytes), sha256.hex());
    }

    /**
     * Reads a signed one.
     *
     * @param trusted the key it must be signed by; without one, the key it names itself
     * @throws BrokenBackup when it is not signed so
     */
    static BackupLabel verified(byte[] note, Optional<String> trusted) throws BrokenBackup {
        try {
            SignedNote signed = SignedNote.parse(note);
            String[] lines = signed.text().split("\n", -1);
            if (lines.length != LINES + 1 || !lines[0].equals(KIND)) {
                throw new BrokenBackup("its label is not one of a backup");
            }
            if (trusted.isPresent() && !trusted.get().equals(lines[2])) {
                throw new BrokenBackup(
                        "it was signed by `" + lines[2] + "`, not by `" + trusted.get() + "`");
            }
            NoteVerifierKey key = NoteVerifierKey.parse(lines[2]);
            signed.verify(List.of(key));
            if (!key.name().equals(lines[1])) {
                throw new BrokenBackup("its label names another log than its key");
            }
            return new BackupLabel(
                    lines[1],
                    lines[2],
                    Instant.parse(lines[3]),
                    Long.parseLong(lines[4]),
                    Digest.parse(lines[5]));
        } catch (MalformedException | DateTimeException | IllegalArgumentException e) {
            throw new BrokenBackup("its label does not hold: " + e.getMessage());
        }
    }
}
