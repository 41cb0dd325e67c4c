package atlas.control.api;

/** One named value a caller may or must send, in the query or in the JSON body. */
record Field(String name, Type type, boolean required, String description) {

    /** The JSON types in use. */
    enum Type {
        STRING("string"),
        STRINGS("array"),
        INTEGER("integer"),
        BOOLEAN("boolean");

        private final String schemaName;

        Type(String schemaName) {
            this.schemaName = schemaName;
        }

        String schemaName() {
            return schemaName;
        }
    }

    static Field required(String name, Type type, String description) {
        return new Field(name, type, true, description);
    }

    static Field optional(String name, Type type, String description) {
        return new Field(name, type, false, description);
    }
}
