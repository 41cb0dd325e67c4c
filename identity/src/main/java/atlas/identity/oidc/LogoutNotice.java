package atlas.identity.oidc;

import java.util.Optional;

/** What a provider's word that somebody signed out is worth. */
public sealed interface LogoutNotice {

    /**
     * It holds: this session, or without one all sessions of this person, are over.
     *
     * @param subject empty when only the session is named
     */
    record Over(String issuer, String subject, Optional<String> session) implements LogoutNotice {}

    /**
     * It does not hold.
     *
     * @param reason stable, for the journal
     */
    record Refused(String reason) implements LogoutNotice {}

    /** It cannot be checked now. */
    record Away(String what) implements LogoutNotice {}
}
