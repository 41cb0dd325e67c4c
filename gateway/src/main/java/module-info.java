/** The enforcement point for inference. */
@org.jspecify.annotations.NullMarked
module atlas.gateway {
    requires transitive atlas.core;
    requires transitive atlas.runtime;
    requires transitive atlas.identity;
    requires transitive atlas.policy;
    requires transitive atlas.journal;
    requires transitive atlas.registry;
    requires transitive atlas.guard;
    requires transitive atlas.watch;
    requires transitive atlas.vectors;
    requires org.slf4j;

    exports atlas.gateway;
}
