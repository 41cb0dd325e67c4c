/**
 * Checks a log directory offline. Reads the formats with code of its own: a mistake in what writes
 * them must not be able to hide itself here. Shared with the writer are only hashing, tile names
 * and signed notes, which public test vectors hold in place.
 */
package atlas.journal.verify;
