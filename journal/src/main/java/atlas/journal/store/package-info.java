/**
 * What the journal keeps on disk and in which order it gets there: the write-ahead segments, the
 * tiles and entry bundles, and the one seam to the file system.
 *
 * <p>Knows bytes and indexes, not what an entry means. Never retries a failed write or fsync: the
 * caller stops.
 */
package atlas.journal.store;
