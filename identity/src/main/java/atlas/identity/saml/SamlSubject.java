package atlas.identity.saml;

import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/**
 * Whom a provider signed in, as it must be named again to sign out.
 *
 * @param provider the configured name of the provider
 * @param issuer the provider's entity id
 * @param nameId as given, for messages back to it
 * @param format of the name; the standard's word for unspecified when the provider says nothing
 * @param spNameQualifier as given, empty when it was not
 * @param sessionIndex the provider's name for the session
 * @param ends when the provider wants the session to end
 */
public record SamlSubject(
        String provider,
        String issuer,
        String nameId,
        String format,
        String spNameQualifier,
        Optional<String> sessionIndex,
        Optional<Instant> ends) {

    /**
     * The name as it is compared: mail addresses in lower case, because providers spell them as
     * they were typed; everything else as it stands.
     */
    public String canonicalName() {
        return format.equals(Names.EMAIL) ? nameId.toLowerCase(Locale.ROOT) : nameId;
    }
}
