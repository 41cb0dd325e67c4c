/** The words everybody uses: values, facts and crypto primitives. No network, no files. */
@org.jspecify.annotations.NullMarked
module atlas.core {
    requires transitive com.fasterxml.jackson.core;
    requires static transitive org.jspecify;

    exports atlas.core;
    exports atlas.core.crypto;
    exports atlas.core.json;
}
