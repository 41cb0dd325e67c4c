package atlas.identity;

import atlas.core.Principal;
import java.util.Optional;

/** The outcome of checking a credential. "No" and "could not tell" are different answers. */
public sealed interface Authentication {

    /** The credential held. */
    record Authenticated(Principal principal) implements Authentication {}

    /**
     * It did not. Reason and hint are for the journal: the caller learns only that it was refused.
     *
     * @param reason stable, lower case with underscores: {@code key_expired}
     * @param hint which credential, as far as can be said without any part of a secret
     * @param toHolder what the caller is told instead, when it has proved that the credential is
     *     its own, and only its age is against it: names no secret, says how to mend it
     */
    record Rejected(String reason, String hint, Optional<String> toHolder)
            implements Authentication {
        /** Nothing is told. */
        public Rejected(String reason, String hint) {
            this(reason, hint, Optional.empty());
        }
    }

    /**
     * It holds, and so does the proof that its holder sends it, but for one thing: the proof is not
     * made for a nonce of ours (RFC 9449 §9). The same refusal as for a stranger, with the nonce in
     * a header; whoever cannot make proofs with the token's key never gets here.
     *
     * @param nonce for the {@code DPoP-Nonce} header
     * @param hint for the journal
     */
    record NonceNeeded(String nonce, String hint) implements Authentication {
        /** What the journal calls it. */
        public static final String REASON = "use_dpop_nonce";
    }

    /** It could not be checked now; nobody is let in, and nobody is told that it is wrong. */
    record Unavailable(String what) implements Authentication {}
}
