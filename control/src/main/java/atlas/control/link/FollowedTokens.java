package atlas.control.link;

import atlas.control.wire.LinkException;
import atlas.identity.revocation.Revocations;
import atlas.identity.token.AtlasTokens;
import atlas.identity.token.AtlasTokens.Delegated;
import atlas.identity.token.TokenExchange.Signing;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/**
 * What is said of tokens, handed to whoever checks and orders them here before anybody can decide
 * by the rest of the state. Thread-safe; never blocks.
 */
public final class FollowedTokens {
    private final Revocations revocations;
    private final Delegated tokens;

    /** What was taken back holds for {@code maxAge} after it was said. */
    public FollowedTokens(Signing signing, Duration maxAge, Clock clock) {
        this.revocations = Revocations.follower(maxAge, clock);
        this.tokens = AtlasTokens.delegated(revocations, signing, clock);
    }

    /** What is taken back, of tokens and of everything else. */
    public Revocations revocations() {
        return revocations;
    }

    /** Checks tokens here, and orders them there. */
    public Delegated tokens() {
        return tokens;
    }

    /** Takes over what was said. */
    void heard(State state, Instant asOf) {
        if (state.access().isEmpty()) {
            return;
        }
        State.Tokens told = state.access().get().tokens();
        try {
            tokens.heard(told.issuer(), told.jwks(), told.revocations(), asOf);
        } catch (IllegalArgumentException e) {
            throw new LinkException("what is said of tokens cannot be read", e);
        }
    }
}
