package atlas.control.link;

import atlas.control.wire.LinkException;
import atlas.core.Sensitive;
import atlas.identity.Authentication;
import atlas.identity.Authenticator.OwnTokens;
import atlas.identity.Presented;
import atlas.identity.revocation.Revocations;
import atlas.identity.token.AtlasTokens;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Tokens that the control plane issued, checked by its published keys and by what it has taken
 * back. Nothing is issued here. Thread-safe; never blocks.
 */
public final class FollowedTokens implements OwnTokens {
    private final Revocations revocations;
    private final Clock clock;
    private volatile @Nullable Verifying verifying;

    private record Verifying(State.Tokens told, OwnTokens tokens) {}

    /** What was taken back holds for {@code maxAge} after it was said. */
    public FollowedTokens(Duration maxAge, Clock clock) {
        this.revocations = Revocations.follower(maxAge, clock);
        this.clock = clock;
    }

    /** What is taken back, of tokens and of everything else. */
    public Revocations revocations() {
        return revocations;
    }

    /** Takes over what was said, before anybody decides by the rest of it. */
    void heard(State state, Instant asOf) {
        if (state.access().isEmpty()) {
            return;
        }
        State.Tokens told = state.access().get().tokens();
        Verifying before = verifying;
        if (before == null || !before.told.equals(told)) {
            try {
                AtlasTokens.Keys keys = AtlasTokens.Keys.of(told.jwks());
                AtlasTokens.follow(revocations, told.revocations(), told.issuer(), keys);
                if (before == null || !before.told.jwks().equals(told.jwks())) {
                    OwnTokens tokens =
                            AtlasTokens.verifying(told.issuer(), keys, revocations, clock);
                    verifying = new Verifying(told, tokens);
                } else {
                    verifying = new Verifying(told, before.tokens);
                }
            } catch (IllegalArgumentException e) {
                throw new LinkException("what is said of tokens cannot be read", e);
            }
        }
        // The state still is in force, and so is what was taken back as it says.
        revocations.follow(revocations.epoch(), asOf, List.of());
    }

    @Override
    public Optional<Authentication> authenticate(
            Sensitive<String> token, boolean dpop, Presented presented, Look look) {
        Verifying now = verifying;
        return now == null
                ? Optional.of(new Authentication.Unavailable("token keys"))
                : now.tokens.authenticate(token, dpop, presented, look);
    }
}
