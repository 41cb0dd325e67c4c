/**
 * Backups: everything a home is, in one file that its server can write and never read.
 *
 * <p>The door: {@link atlas.backup.BackupWriter} and {@link atlas.backup.BackupReader}, {@link
 * atlas.backup.BackupRecipient} for who may read and {@link atlas.backup.BackupIdentity} for who
 * does, {@link atlas.backup.RestoredHome} for putting it back.
 *
 * <p>Never here: plaintext in a temporary file, a file opened before its key was proved, a home
 * half restored. Standards: HPKE (RFC 9180) with X-Wing (X25519 and ML-KEM-768), FLOE (C2SP),
 * signed notes (C2SP).
 */
package atlas.backup;
