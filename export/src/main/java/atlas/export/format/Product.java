package atlas.export.format;

/** What we are called where a format asks who observed. */
final class Product {
    static final String NAME = "Atlas";
    static final String VERSION = "0.1.0";

    private Product() {}
}
