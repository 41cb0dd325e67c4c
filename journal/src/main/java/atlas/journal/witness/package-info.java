/**
 * Witnesses of a log: what one of them does (C2SP tlog-witness), and what the log does to have its
 * checkpoints seen by enough of them (C2SP tlog-policy).
 *
 * <p>The door of a witness is {@link atlas.journal.witness.Witness}, that of a log {@link
 * atlas.journal.witness.Witnessing}. Speaks to nobody by itself: a process carries the bytes.
 */
package atlas.journal.witness;
