package atlas.identity.token;

import atlas.core.Principal;
import atlas.core.Principal.Credential;
import atlas.identity.ApiKeys;
import atlas.identity.Authentication;
import atlas.identity.Presented;
import atlas.identity.StoreUnavailableException;
import atlas.identity.token.AtlasTokens.Order;
import atlas.identity.token.TokenExchange.Signing;
import atlas.identity.token.TokenExchange.Signing.Answer;
import atlas.identity.token.TokenExchange.Signing.Judged;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;

/**
 * The signing half of a token endpoint that is another process: takes its orders within bounds that
 * hold whatever it says. Times, end, id and issuer are ours; what has been revoked since it decided
 * ends the order; a key must work, from where it is used, and reach what is ordered; and no token
 * for administration is given on somebody else's word. Thread-safe; blocks where the key store
 * does.
 */
final class SigningDesk implements Signing.Desk {
    private final AtlasTokens tokens;
    private final ApiKeys keys;

    SigningDesk(AtlasTokens tokens, ApiKeys keys) {
        this.tokens = tokens;
        this.keys = keys;
    }

    @Override
    public Judged answer(byte[] order) {
        try {
            TokenOrder asked = TokenOrder.parse(order);
            Principal holder = asked.order().holder();
            return new Judged(holder, asked.order().source(), judge(asked));
        } catch (TokenFault e) {
            throw new IllegalArgumentException("not an order for a token: " + e.reason(), e);
        }
    }

    private Answer judge(TokenOrder asked) {
        Order order = asked.order();
        Credential credential = order.holder().credential();
        // Before anything is looked at: what is revoked meanwhile ends the token, too.
        long epoch = tokens.revocations().epoch();
        if (!asked.issuer().equals(tokens.issuer())) {
            return new Answer.Refused("invalid_request", "another issuer is meant");
        }
        if (credential.kind() == Credential.Kind.SESSION) {
            return new Answer.Refused("invalid_request", "a session is known here only");
        }
        if (!order.audiences().equals(List.of(Presented.Request.GATEWAY))) {
            return new Answer.Refused(
                    "invalid_target",
                    "a gateway of its own gives tokens for `gateway` only; one for `control` is"
                            + " given there, `POST /api/v1/tokens`");
        }
        Instant now = tokens.clock().instant();
        if (!now.isBefore(credential.expires())) {
            return new Answer.Ended("credential_expired");
        }
        if (revoked(asked)) {
            return new Answer.Ended("principal_revoked");
        }
        if (credential.key().isPresent()) {
            return byKey(credential.key().get(), order, epoch);
        }
        return new Answer.Signed(tokens.issue(order, epoch));
    }

    private boolean revoked(TokenOrder asked) {
        Principal holder = asked.order().holder();
        Credential credential = holder.credential();
        if (tokens.revocations().ending(asked.claims().subject()).isPresent()) {
            return true;
        }
        return credential.kind() != Credential.Kind.ATLAS_TOKEN
                && tokens.revocations()
                        .ending(holder.tenant(), holder.id(), credential.issued())
                        .isPresent();
    }

    private Answer byKey(String key, Order order, long epoch) {
        return switch (keys.again(key, order.source())) {
            case Authentication.Authenticated(Principal owner) when reaches(owner, order) ->
                    new Answer.Signed(tokens.issue(order, epoch));
            case Authentication.Authenticated _ ->
                    new Answer.Refused("invalid_scope", "the key does not reach as far");
            case Authentication.Rejected(String reason, String _, var _) ->
                    new Answer.Ended(reason);
            case Authentication.NonceNeeded _ -> new Answer.Ended("key_unknown");
            case Authentication.Unavailable(String what) ->
                    throw new StoreUnavailableException(what, null);
        };
    }

    private static boolean reaches(Principal owner, Order order) {
        return owner.id().equals(order.holder().id())
                && owner.kind() == order.holder().kind()
                && owner.tenant().equals(order.holder().tenant())
                && owner.roles().containsAll(order.roles())
                && new HashSet<>(Narrowing.cut(owner.models(), order.models()))
                        .containsAll(order.models());
    }
}
