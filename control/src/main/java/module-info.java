/** Administration: trust root, credentials, models, evidence. */
@org.jspecify.annotations.NullMarked
module atlas.control {
    requires transitive atlas.core;
    requires transitive atlas.runtime;
    requires transitive atlas.identity;
    requires transitive atlas.policy;
    requires transitive atlas.vault;
    requires transitive atlas.journal;
    requires transitive atlas.registry;
    requires transitive atlas.watch;
    requires transitive atlas.export;
    requires transitive atlas.backup;
    requires atlas.posture;
    requires org.slf4j;
    requires com.fasterxml.jackson.databind;
    requires java.net.http;
    requires java.sql;
    requires org.xerial.sqlitejdbc;

    exports atlas.control;
}
