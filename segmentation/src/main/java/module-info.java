/** Where packets may go: one access graph, compiled, proved and probed. */
@org.jspecify.annotations.NullMarked
module atlas.segmentation {
    requires transitive atlas.core;
    requires com.fasterxml.jackson.databind;
    requires org.snakeyaml.engine.v2;

    exports atlas.segmentation;
    exports atlas.segmentation.file;
    exports atlas.segmentation.graph;
    exports atlas.segmentation.probe;
    exports atlas.segmentation.target;
}
