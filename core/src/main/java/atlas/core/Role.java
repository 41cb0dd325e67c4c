package atlas.core;

import java.util.Locale;
import java.util.Optional;

/**
 * The five separated duties. Nobody holds two that check each other: who administers models does
 * not deploy them, who grants access does not use it, who audits changes nothing.
 */
public enum Role {
    /** Sends inference requests to the models granted. */
    CONSUMER,
    /** Deploys, rolls back and drains what others published and approved. */
    OPERATOR,
    /** Publishes, signs, approves and retires models. */
    MODEL_ADMIN,
    /** Issues and revokes credentials, grants roles, turns keys. */
    SECURITY_ADMIN,
    /** Reads everything recorded and changes nothing. */
    AUDITOR;

    /** The name used in files, tokens and on the wire: lower case with underscores. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The role with this wire name; empty when there is none. */
    public static Optional<Role> ofWireName(String name) {
        for (Role role : values()) {
            if (role.wireName().equals(name)) {
                return Optional.of(role);
            }
        }
        return Optional.empty();
    }
}
