/** Evidence nobody can quietly change. */
@org.jspecify.annotations.NullMarked
module atlas.journal {
    requires transitive atlas.core;
    requires transitive atlas.tlog;
    requires java.net.http;
    requires java.sql;
    requires org.slf4j;

    exports atlas.journal;
    exports atlas.journal.shared;
    exports atlas.journal.witness;
}
