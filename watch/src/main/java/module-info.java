/** What looks wrong in what was recorded. */
@org.jspecify.annotations.NullMarked
module atlas.watch {
    requires transitive atlas.core;
    requires org.slf4j;
    requires io.prometheus.metrics.core;
    requires io.prometheus.metrics.config;
    requires io.prometheus.metrics.model;
    requires io.prometheus.writer.text;

    exports atlas.watch;
}
