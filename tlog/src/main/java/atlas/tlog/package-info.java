/**
 * The public formats of a transparency log and the arithmetic they rest on: RFC 6962 hashing and
 * proofs, C2SP tlog-tiles paths, signed notes, checkpoints and tlog-proofs.
 *
 * <p>Pure functions over bytes and text. No files, no threads, and nothing particular to Atlas.
 */
package atlas.tlog;
