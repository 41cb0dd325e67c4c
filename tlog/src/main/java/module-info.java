/** The formats of transparency logs: trees, proofs, notes, checkpoints, cosignatures. No files. */
@org.jspecify.annotations.NullMarked
module atlas.tlog {
    requires transitive atlas.core;

    exports atlas.tlog;
}
