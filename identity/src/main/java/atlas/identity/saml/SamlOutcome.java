package atlas.identity.saml;

import atlas.core.Glob;
import atlas.core.Principal;
import atlas.core.Role;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/** What came of an answer that a browser brought from a provider. There is no fourth case. */
public sealed interface SamlOutcome {

    /**
     * A person, vouched for by a signed assertion of this provider, meant for us, now, once.
     *
     * @param principal the person's name here
     * @param assertionId safe to print
     * @param authenticated when the person showed a credential at the provider
     * @param kept what was to be kept when the login began; empty when nobody began it here
     */
    record SignedIn(
            String principal,
            String tenant,
            Set<Role> roles,
            Principal.Claims claims,
            SamlSubject subject,
            String assertionId,
            Instant authenticated,
            String kept)
            implements SamlOutcome {
        /** The provider restricts no models; grants do. */
        public static final List<Glob> MODELS = List.of(new Glob("*"));

        public SignedIn {
            roles = Set.copyOf(roles);
        }
    }

    /** It does not hold; the reason is stable and for the journal only. */
    record Refused(String reason, String hint) implements SamlOutcome {}

    /** It could not be judged, which says nothing about it. */
    record Unavailable(String what) implements SamlOutcome {}
}
