package atlas.control.login;

import java.util.Locale;

/** Why a session ended. */
public enum Ending {
    /** Whoever it belonged to signed out. */
    SIGNED_OUT,
    /** The same browser signed in anew. */
    REPLACED,
    /** Unused for too long. */
    IDLE,
    /** Old, however busy, or past the end of what vouched for it. */
    EXPIRED,
    /** A security admin ended it. */
    REVOKED,
    /** What vouched for it no longer stands. */
    CREDENTIAL_ENDED,
    /** The provider said so. */
    PROVIDER_LOGOUT,
    /** Its principal signed in on too many browsers. */
    TOO_MANY;

    /** As it is recorded. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
