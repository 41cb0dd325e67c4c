package atlas.runtime.wire;

/** A request's head after every rule held; {@code fields} has no hop-by-hop field left. */
public record RequestHead(
        String method, Authority authority, String path, String query, String[] fields) {}
