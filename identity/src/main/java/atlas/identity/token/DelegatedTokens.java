package atlas.identity.token;

import atlas.core.Sensitive;
import atlas.identity.ApiKeys;
import atlas.identity.Authentication;
import atlas.identity.Authenticator;
import atlas.identity.Presented;
import atlas.identity.StoreUnavailableException;
import atlas.identity.revocation.Revocations;
import atlas.identity.token.AtlasTokens.Issued;
import atlas.identity.token.AtlasTokens.Order;
import atlas.identity.token.AtlasTokens.Published;
import atlas.identity.token.TokenExchange.Signing;
import atlas.identity.token.TokenExchange.Signing.Answer;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Tokens of ours where the signing keys are another process's: checked here by what it publishes,
 * ordered there. Thread-safe; blocks only to order one, or to hear of a key that is new.
 */
final class DelegatedTokens implements AtlasTokens.Delegated {
    private final Revocations revocations;
    private final Signing signing;
    private final Clock clock;
    private final TokenVerifier verifier;
    private volatile @Nullable Told told;

    private record Told(
            Published published, AtlasTokens.Keys keys, String statement, Instant asOf) {}

    /** {@code revocations} follow whoever signs. */
    DelegatedTokens(Revocations revocations, Signing signing, Clock clock) {
        this.revocations = revocations;
        this.signing = signing;
        this.clock = clock;
        this.verifier = new TokenVerifier(this::issuer, new Newest(), revocations, clock);
    }

    @Override
    public void heard(String issuer, String jwks, String statement, Instant asOf) {
        Told before = told;
        byte[] keySet = jwks.getBytes(StandardCharsets.UTF_8);
        if (before != null
                && before.statement.equals(statement)
                && before.published.issuer().equals(issuer)
                && java.util.Arrays.equals(before.published.jwks(), keySet)) {
            told = new Told(before.published, before.keys, statement, asOf);
        } else {
            AtlasTokens.Keys keys = AtlasTokens.Keys.of(jwks);
            AtlasTokens.follow(revocations, statement, issuer, keys);
            told = new Told(new Published(issuer, keySet), keys, statement, asOf);
        }
        // It still is in force, and so is what was taken back as it says.
        revocations.follow(revocations.epoch(), asOf, List.of());
    }

    @Override
    public Optional<Published> published() {
        return Optional.ofNullable(told).map(Told::published);
    }

    @Override
    public Optional<Authentication> authenticate(
            Sensitive<String> token, boolean dpop, Presented presented, Look look) {
        return told == null
                ? Optional.of(new Authentication.Unavailable("token keys"))
                : verifier.authenticate(token, dpop, presented, look);
    }

    @Override
    public TokenExchange exchange(Authenticator authenticator, ApiKeys keys) {
        return new TokenExchange(authenticator, verifier, this::give, keys);
    }

    TokenVerifier verifier() {
        return verifier;
    }

    /** Has an order signed, and lets nothing pass that says something else. */
    Answer give(Order order, long began) {
        Told now = told;
        if (now == null) {
            return new Answer.Away("token keys");
        }
        Instant decided = Instant.ofEpochSecond(clock.instant().getEpochSecond());
        TokenOrder asked = new TokenOrder(now.published.issuer(), order, decided, began);
        Answer answer = signing.sign(asked.json());
        if (answer instanceof Answer.Signed(Issued issued) && !says(issued, asked)) {
            return new Answer.Away("a token that was not ordered");
        }
        return answer;
    }

    private static boolean says(Issued issued, TokenOrder asked) {
        Issued ordered = Issued.of(issued.token(), asked.claims());
        return issued.audiences().equals(ordered.audiences())
                && issued.roles().equals(ordered.roles())
                && issued.models().equals(ordered.models())
                && issued.boundTo().equals(ordered.boundTo())
                && !issued.expires().isAfter(ordered.expires());
    }

    private String issuer() {
        Told now = told;
        return now == null ? "" : now.published.issuer();
    }

    /** The keys as they were heard last; one that must be newer than that is asked for. */
    private final class Newest implements AtlasTokens.Keys {
        @Override
        public Optional<PublicKey> find(String keyId) {
            Told now = told;
            return now == null ? Optional.empty() : now.keys.find(keyId);
        }

        // Keys are published before they sign, so a token from before the last word is signed
        // by none that is new; only a lost key is replaced at once.
        @Override
        public Optional<PublicKey> findNew(String keyId, Instant issued) {
            Told now = told;
            if (now != null && issued.isBefore(now.asOf.minus(AtlasTokens.Rules.SKEW))) {
                return Optional.empty();
            }
            boolean heard = signing.refresh();
            Optional<PublicKey> key = find(keyId);
            if (key.isEmpty() && !heard) {
                throw new StoreUnavailableException("token keys are not up to date", null);
            }
            return key;
        }
    }
}
