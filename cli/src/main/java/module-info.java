/** The atlas command. */
@org.jspecify.annotations.NullMarked
module atlas.cli {
    requires atlas.core;
    requires atlas.runtime;
    requires atlas.identity;
    requires atlas.policy;
    requires atlas.vault;
    requires atlas.journal;
    requires atlas.registry;
    requires atlas.guard;
    requires atlas.segmentation;
    requires atlas.watch;
    requires atlas.export;
    requires atlas.backup;
    requires atlas.vectors;
    requires atlas.gateway;
    requires atlas.node;
    requires atlas.control;
    requires info.picocli;
    requires java.net.http;
    requires org.slf4j;
    requires com.fasterxml.jackson.databind;

    opens atlas.cli to
            info.picocli;
}
