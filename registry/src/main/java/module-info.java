/** Which models exist, who vouched for them, and may they serve. */
@org.jspecify.annotations.NullMarked
module atlas.registry {
    requires transitive atlas.core;
    requires atlas.tlog;
    requires org.slf4j;
    requires com.fasterxml.jackson.databind;

    exports atlas.registry;
    exports atlas.registry.oms;
    exports atlas.registry.scan;
}
