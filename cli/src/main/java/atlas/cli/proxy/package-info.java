/**
 * A helper on this machine that holds a sender-constrained token for programs that only know API
 * keys.
 *
 * <p>Never here: a caller without the local key, another address than loopback, a token or a key on
 * the disk.
 */
package atlas.cli.proxy;
