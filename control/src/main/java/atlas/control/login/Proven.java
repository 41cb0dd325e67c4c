package atlas.control.login;

import atlas.core.Principal;
import atlas.core.Sensitive;
import java.net.URI;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Who a way of signing in has proven somebody to be: what it hands to {@link SignIn}.
 *
 * @param method {@code api-key}, {@code oidc} or {@code saml}
 * @param provider the provider's name in the configuration; empty for a key
 * @param principal as mapped from what the provider says; its credential is what was shown, and its
 *     expiry bounds the session
 * @param bond how the provider speaks of its own session, so that it can end ours
 * @param standing asked at every use whether what vouched still stands
 * @param farewell where the browser goes to sign out at the provider too; asked when signing out
 */
public record Proven(
        String method,
        String provider,
        Principal principal,
        Optional<Bond> bond,
        Standing standing,
        Supplier<Optional<Sensitive<URI>>> farewell) {

    /**
     * The provider's own session.
     *
     * @param issuer the OIDC issuer or SAML entity ID
     * @param subject its name for the person
     * @param session its name for the session ({@code sid}, {@code SessionIndex}); empty when it
     *     has none
     */
    public record Bond(String issuer, String subject, Optional<String> session) {}

    /** Whether what vouched for a session still stands. */
    public interface Standing {
        /** A session of a provider that tells us when it ends. */
        Standing UNTIL_TOLD = _ -> Answer.HOLDS;

        /** Three answers, for "no" and "could not tell" are different. */
        enum Answer {
            HOLDS,
            ENDED,
            UNKNOWN
        }

        /**
         * Asked for a use from this address.
         *
         * @param source its literal
         */
        Answer ask(String source);
    }

    /**
     * Nothing ends it but time and whoever may revoke it, and there is nowhere else to sign out.
     */
    public static Proven by(String method, String provider, Principal principal) {
        return new Proven(
                method,
                provider,
                principal,
                Optional.empty(),
                Standing.UNTIL_TOLD,
                Optional::empty);
    }
}
