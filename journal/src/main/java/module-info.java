/** Evidence nobody can quietly change. */
@org.jspecify.annotations.NullMarked
module atlas.journal {
    requires transitive atlas.core;
    requires org.slf4j;

    exports atlas.journal;
    exports atlas.journal.tlog;
    exports atlas.journal.witness;
}
