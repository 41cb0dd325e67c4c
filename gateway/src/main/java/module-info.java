/** The enforcement point for inference. */
@org.jspecify.annotations.NullMarked
module atlas.gateway {
    requires transitive atlas.core;
    requires atlas.runtime;
    requires atlas.identity;
    requires atlas.policy;
    requires atlas.journal;
    requires atlas.registry;
    requires atlas.guard;
    requires atlas.watch;
    requires org.slf4j;

    exports atlas.gateway;
}
