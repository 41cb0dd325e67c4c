/** Runs models. */
@org.jspecify.annotations.NullMarked
module atlas.node {
    requires transitive atlas.core;
    requires atlas.runtime;
    requires atlas.identity;
    requires atlas.vault;
    requires atlas.journal;
    requires atlas.registry;
    requires static jdk.incubator.vector;
    requires java.management;
    requires jdk.management;
    requires org.slf4j;
}
