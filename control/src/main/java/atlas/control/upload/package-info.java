/**
 * Model files on their way in: sealed chunk by chunk as they arrive, shown to the registry as a
 * read-only folder that opens them in memory.
 *
 * <p>Never happens here: a byte of an upload on disk in the clear.
 */
package atlas.control.upload;
