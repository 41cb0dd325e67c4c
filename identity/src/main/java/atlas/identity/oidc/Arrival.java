package atlas.identity.oidc;

import atlas.core.Principal;
import atlas.core.Sensitive;
import java.util.Optional;

/** How a journey to a provider ended. */
public sealed interface Arrival {

    /**
     * With a person.
     *
     * @param subject the provider's own name for them
     * @param session the provider's name for its session, if it has one
     * @param idToken shown to the provider again when signing out
     */
    record Arrived(
            Principal principal,
            String subject,
            Optional<String> session,
            Sensitive<String> idToken)
            implements Arrival {}

    /**
     * With nobody.
     *
     * @param reason stable, for the journal
     */
    record Refused(String reason) implements Arrival {}

    /** The provider cannot be asked now. */
    record Away(String what) implements Arrival {}
}
