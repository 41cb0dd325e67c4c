package atlas.identity;

import atlas.core.Principal;

/** The outcome of checking a credential. "No" and "could not tell" are different answers. */
public sealed interface Authentication {

    /** The credential held. */
    record Authenticated(Principal principal) implements Authentication {}

    /**
     * It did not. Both texts are for the journal: the caller learns only that it was refused.
     *
     * @param reason stable, lower case with underscores: {@code key_expired}
     * @param hint which credential, as far as can be said without any part of a secret
     */
    record Rejected(String reason, String hint) implements Authentication {}

    /** It could not be checked now; nobody is let in, and nobody is told that it is wrong. */
    record Unavailable(String what) implements Authentication {}
}
