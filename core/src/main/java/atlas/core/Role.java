package atlas.core;

import java.util.List;
import java.util.Optional;

/**
 * A role by its name. Five are built in and separate the duties: who administers models does not
 * deploy them, who grants access does not use it, who audits changes nothing. Every other name is a
 * custom role: it allows what the policy file permits to it, and without such a file nothing.
 *
 * <p>A built-in role may also be spelled with hyphens, as configuration keys are; no custom role
 * can be mistaken for one. Ordered: the built-in roles first, as they stand here, then by name.
 *
 * @param wireName the name used in files, tokens and on the wire: lower case with underscores
 */
public record Role(String wireName) implements Comparable<Role> {
    /** Sends inference requests to the models granted. */
    public static final Role CONSUMER = new Role("consumer");

    /** Deploys, rolls back and drains what others published and approved. */
    public static final Role OPERATOR = new Role("operator");

    /** Publishes, signs, approves and retires models. */
    public static final Role MODEL_ADMIN = new Role("model_admin");

    /** Issues and revokes credentials, grants roles, turns keys. */
    public static final Role SECURITY_ADMIN = new Role("security_admin");

    /** Reads everything recorded and changes nothing. */
    public static final Role AUDITOR = new Role("auditor");

    private static final List<Role> BUILT_IN =
            List.of(CONSUMER, OPERATOR, MODEL_ADMIN, SECURITY_ADMIN, AUDITOR);
    private static final int LONGEST = 64;

    public Role {
        if (!isName(wireName)) {
            throw new IllegalArgumentException(
                    "not a role name: `"
                            + wireName
                            + "` (1 to 64 of lower-case letters, digits, `_` and `-`)");
        }
        // Spelled out: the constants are made before any set of them could be.
        if (wireName.equals("model-admin") || wireName.equals("security-admin")) {
            wireName = wireName.replace('-', '_');
        }
    }

    /** The five that need no policy file. */
    public static List<Role> builtIn() {
        return BUILT_IN;
    }

    /** Whether this could name a role. */
    public static boolean isName(String name) {
        if (name.isEmpty() || name.length() > LONGEST || !isPlain(name.charAt(0))) {
            return false;
        }
        for (int i = 1; i < name.length(); i++) {
            char c = name.charAt(i);
            if (!isPlain(c) && c != '_' && c != '-') {
                return false;
            }
        }
        return true;
    }

    /**
     * The role with this wire name, built in or custom.
     *
     * @throws IllegalArgumentException when it cannot name a role
     */
    public static Role of(String name) {
        for (Role role : BUILT_IN) {
            if (role.wireName.equals(name)) {
                return role;
            }
        }
        return new Role(name);
    }

    /** The role with this wire name, built in or custom; empty when it cannot name one. */
    public static Optional<Role> ofWireName(String name) {
        return isName(name) ? Optional.of(of(name)) : Optional.empty();
    }

    /** Whether it is one of the five. */
    public boolean isBuiltIn() {
        return BUILT_IN.contains(this);
    }

    @Override
    public int compareTo(Role other) {
        int one = BUILT_IN.indexOf(this);
        int two = BUILT_IN.indexOf(other);
        if (one >= 0 || two >= 0) {
            return Integer.compare(
                    one < 0 ? BUILT_IN.size() : one, two < 0 ? BUILT_IN.size() : two);
        }
        return wireName.compareTo(other.wireName);
    }

    @Override
    public String toString() {
        return wireName;
    }

    private static boolean isPlain(char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    }
}
