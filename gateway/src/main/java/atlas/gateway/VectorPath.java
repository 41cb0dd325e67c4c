package atlas.gateway;

import java.util.Optional;

/**
 * What a path below {@code /v1/vector_stores} means.
 *
 * @param store empty for all of them
 * @param below {@code search} or {@code vectors}; empty for the store itself
 * @param item empty for all of them
 */
record VectorPath(Optional<String> store, String below, Optional<String> item) {
    static final String ALL = "/v1/vector_stores";
    static final String SEARCH = "search";
    static final String VECTORS = "vectors";

    static VectorPath of(String path) throws Refused {
        if (path.equals(ALL)) {
            return new VectorPath(Optional.empty(), "", Optional.empty());
        }
        String[] parts = path.substring(ALL.length() + 1).split("/", -1);
        if (parts.length == 1) {
            return new VectorPath(Optional.of(parts[0]), "", Optional.empty());
        }
        if (parts.length == 2 && (parts[1].equals(SEARCH) || parts[1].equals(VECTORS))) {
            return new VectorPath(Optional.of(parts[0]), parts[1], Optional.empty());
        }
        if (parts.length == 3 && parts[1].equals(VECTORS)) {
            return new VectorPath(Optional.of(parts[0]), VECTORS, Optional.of(parts[2]));
        }
        throw new Refused(Refusal.NOT_FOUND, "no such path");
    }
}
