/** Copies of a home that its server cannot read. */
@org.jspecify.annotations.NullMarked
module atlas.backup {
    requires transitive atlas.core;
    requires transitive atlas.tlog;
    requires com.fasterxml.jackson.core;
    requires org.bouncycastle.provider;

    exports atlas.backup;
}
