/** Evidence for other systems: in their formats, to where they listen, without a gap. */
@org.jspecify.annotations.NullMarked
module atlas.export {
    requires transitive atlas.core;
    requires org.slf4j;
    requires com.fasterxml.jackson.databind;
    requires java.net.http;

    exports atlas.export;
    exports atlas.export.format;
    exports atlas.export.send;
}
