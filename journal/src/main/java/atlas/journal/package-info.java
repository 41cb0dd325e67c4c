/**
 * Evidence nobody can quietly change: every fact, sealed and durable before it is acted on, in a
 * C2SP transparency log that anybody can check without a key.
 *
 * <p>The door is {@link atlas.journal.Journal} for those who write and read, {@link
 * atlas.journal.JournalVerifier} and {@link atlas.journal.ProofVerifier} for those who only check.
 *
 * <p>Never here: an entry acknowledged before it is on the disk, plain text in a file, a retry
 * after a failed fsync, a repair that guesses.
 */
package atlas.journal;
