/** Runs models. */
@org.jspecify.annotations.NullMarked
module atlas.node {
    requires transitive atlas.core;
    requires transitive atlas.runtime;
    requires transitive atlas.registry;
    requires com.microsoft.onnxruntime;
    requires static jdk.incubator.vector;
    requires java.management;
    requires jdk.management;
    requires org.slf4j;

    exports atlas.node;
}
