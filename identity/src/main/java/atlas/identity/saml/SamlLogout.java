package atlas.identity.saml;

import java.util.Set;

/** What came of a logout message that a browser brought from a provider. */
public sealed interface SamlLogout {

    /**
     * The provider, by its own signature, asks to end sessions of a person.
     *
     * @param subject whose sessions
     * @param sessionIndexes which of them; all when empty
     * @param requestId what the answer refers to
     * @param relay what the answer must carry back; empty when nothing
     */
    record Requested(
            SamlSubject subject, Set<String> sessionIndexes, String requestId, String relay)
            implements SamlLogout {
        public Requested {
            sessionIndexes = Set.copyOf(sessionIndexes);
        }
    }

    /**
     * The provider answers our request.
     *
     * @param everywhere whether it says that all sessions of the person have ended
     */
    record Answered(boolean everywhere) implements SamlLogout {}

    /** It does not hold; the reason is stable and for the journal only. */
    record Refused(String reason, String hint) implements SamlLogout {}

    /** It could not be judged, which says nothing about it. */
    record Unavailable(String what) implements SamlLogout {}
}
