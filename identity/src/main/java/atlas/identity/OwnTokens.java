package atlas.identity;

import atlas.core.Sensitive;
import java.util.Optional;

/**
 * Tokens that this installation issued, as the {@link Authenticator} asks about them. Thread-safe;
 * never asks a store.
 */
public interface OwnTokens {

    /** How closely a token that was sent is looked at. */
    enum Look {
        /** As a request arrives: with a fresh proof of possession, if the token is bound to one. */
        ARRIVING,
        /** As the subject of an exchange: no scheme tells whether it is bound; its claims do. */
        IN_BODY,
        /** While its request is under way: the proof was judged, and used up, when it arrived. */
        UNDER_WAY
    }

    /**
     * Checks a token; empty when another issuer's name is in it, so that somebody else is asked.
     *
     * @param dpop whether it was sent under the DPoP scheme
     */
    Optional<Authentication> authenticate(
            Sensitive<String> token, boolean dpop, Presented presented, Look look);

    /** Where no tokens are issued. */
    static OwnTokens none() {
        return (_, _, _, _) -> Optional.empty();
    }
}
