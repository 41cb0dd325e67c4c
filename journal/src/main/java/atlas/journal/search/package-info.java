/**
 * Finds entries without opening those that cannot match: a blind index in immutable blocks on disk.
 * Terms are keyed fingerprints and blocks are sealed, so the files tell a stranger nothing but
 * sizes; a block names the hash of the subtree it indexes and counts for no other. Made anew from
 * the log when missing. Never holds more in memory than the last block.
 */
package atlas.journal.search;
