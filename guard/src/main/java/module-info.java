/** What is said, in and out. */
@org.jspecify.annotations.NullMarked
module atlas.guard {
    requires transitive atlas.core;
    requires com.fasterxml.jackson.core;

    exports atlas.guard;
}
