/** Administration: trust root, credentials, models, evidence. */
@org.jspecify.annotations.NullMarked
module atlas.control {
    requires transitive atlas.core;
    requires atlas.runtime;
    requires atlas.identity;
    requires atlas.policy;
    requires atlas.vault;
    requires atlas.journal;
    requires atlas.registry;
    requires atlas.guard;
    requires atlas.watch;
    requires org.slf4j;
    requires com.fasterxml.jackson.databind;
    requires java.sql;
    requires org.xerial.sqlitejdbc;

    exports atlas.control;
}
