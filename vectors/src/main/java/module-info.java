/** Embeddings at rest, sealed, and which of them are near. */
@org.jspecify.annotations.NullMarked
module atlas.vectors {
    requires transitive atlas.core;
    requires org.apache.lucene.core;
    requires org.slf4j;

    exports atlas.vectors;
}
