/** What is said, in and out. */
@org.jspecify.annotations.NullMarked
module atlas.guard {
    requires transitive atlas.core;
    requires org.slf4j;

    exports atlas.guard;
}
