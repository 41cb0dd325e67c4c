package atlas.policy;

import atlas.core.Principal;

/**
 * What an action is done to. Names come from callers and are matched literally: no name, whatever
 * its characters, is treated as a pattern.
 *
 * @param kind {@code model}, {@code key}, {@code role}, {@code journal}, …
 * @param name the one thing meant, or {@value #ANY} for the kind as a whole
 * @param tenant whose it is
 */
public record Resource(String kind, String name, String tenant) {
    /** The name that means the kind as a whole. */
    public static final String ANY = "*";

    /** The kind of models, whose names grants restrict. */
    public static final String MODEL = "model";

    public Resource {
        if (kind.isEmpty() || tenant.isEmpty()) {
            throw new IllegalArgumentException("a resource has a kind and a tenant");
        }
    }

    /** A model of the only tenant. */
    public static Resource model(String name) {
        return new Resource(MODEL, name, Principal.DEFAULT_TENANT);
    }

    /** Everything of a kind, of the only tenant. */
    public static Resource any(String kind) {
        return new Resource(kind, ANY, Principal.DEFAULT_TENANT);
    }

    /** Whether this is the kind as a whole. */
    public boolean isAny() {
        return name.equals(ANY);
    }

    @Override
    public String toString() {
        return kind + ":" + name;
    }
}
