/** Keys: what seals data at rest, and who holds the key to the keys. */
@org.jspecify.annotations.NullMarked
module atlas.vault {
    requires transitive atlas.core;
    requires java.net.http;
    requires org.bouncycastle.provider;
    requires org.slf4j;

    exports atlas.vault;
    exports atlas.vault.kek;
}
