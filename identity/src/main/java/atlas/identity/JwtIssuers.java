package atlas.identity;

import atlas.core.Digest;
import atlas.core.Principal;
import atlas.core.Sensitive;
import atlas.core.crypto.Hashes;
import atlas.identity.Authentication.Authenticated;
import atlas.identity.Authentication.Rejected;
import atlas.identity.Authentication.Unavailable;
import com.nimbusds.jose.JOSEException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The issuers whose JWTs are accepted, with their keys.
 *
 * <p>A token is accepted when a key of the configured issuer signed it, by an algorithm configured
 * for that issuer, for an audience of ours, now. Nothing in the token chooses a key location: only
 * the configuration does. Keys are fetched in the background, and at once for an unknown key id but
 * no more often than every ten seconds; a token whose key cannot be had is neither accepted nor
 * called wrong. Verified tokens are remembered by the hash of the whole token, at most until they
 * expire or their issuer drops a key. Thread-safe; blocks only for such a fetch.
 */
public final class JwtIssuers implements AutoCloseable {
    private static final Duration REFRESH = Duration.ofMinutes(10);
    private static final int REMEMBERED = 10_000;
    private static final int MAX_TOKEN = 64 << 10;

    private final Map<String, IssuerKeys> issuers = new HashMap<>();
    private final Clock clock;
    private final TokenCache cache = new TokenCache(REMEMBERED);
    private final ScheduledExecutorService background;

    /**
     * Starts fetching keys in the background.
     *
     * @throws IllegalArgumentException when an issuer is configured twice
     */
    public JwtIssuers(List<JwtIssuerConfig> issuers, JwksSource source, Clock clock) {
        this(issuers, source, clock, true);
    }

    JwtIssuers(List<JwtIssuerConfig> issuers, JwksSource source, Clock clock, boolean ahead) {
        this.clock = clock;
        for (JwtIssuerConfig config : issuers) {
            IssuerKeys keys = new IssuerKeys(config, source, clock);
            if (this.issuers.put(config.issuer(), keys) != null) {
                throw new IllegalArgumentException(
                        "issuer `" + config.issuer() + "` is configured twice");
            }
        }
        background =
                Executors.newSingleThreadScheduledExecutor(
                        Thread.ofPlatform().daemon().name("atlas-jwks").factory());
        if (ahead && !this.issuers.isEmpty()) {
            background.scheduleWithFixedDelay(
                    this::refresh, 0, REFRESH.toSeconds(), TimeUnit.SECONDS);
        }
    }

    /** Fetches every issuer's keys now. */
    void refresh() {
        issuers.values().forEach(IssuerKeys::refresh);
    }

    /** Checks a token as presented. */
    Authentication authenticate(Sensitive<String> token) {
        return authenticate(token, true);
    }

    /**
     * Checks a token once more while its request is under way. Never waits for an issuer: where its
     * keys are not known any more they are fetched aside, and nobody can tell meanwhile.
     */
    Authentication again(Sensitive<String> token) {
        return authenticate(token, false);
    }

    private Authentication authenticate(Sensitive<String> token, boolean fetching) {
        String text = token.reveal();
        Digest digest = Hashes.sha256(text);
        Instant now = clock.instant();
        TokenCache.Verified known = cache.find(digest, now);
        if (known != null) {
            return known.outcome();
        }
        Jwt jwt;
        try {
            jwt = Jwt.parse(text);
        } catch (JwtException e) {
            return new Rejected(e.reason(), "jwt");
        }
        IssuerKeys keys = issuers.get(jwt.issuer());
        if (keys == null) {
            return new Rejected("token_issuer_unknown", "jwt");
        }
        return check(jwt, keys, digest, fetching);
    }

    /**
     * What came of checking a token of a configured issuer that is no access token: an ID token or
     * a logout token. Signature, issuer, algorithm and times hold; everything else is its reader's.
     */
    public sealed interface Vouched {

        /**
         * It holds so far.
         *
         * @param type the {@code typ} of its header in lower case; empty when it has none
         */
        record Holds(String type, Map<String, Object> claims) implements Vouched {
            public Holds {
                claims = Map.copyOf(claims);
            }
        }

        /**
         * It does not.
         *
         * @param reason stable, for the journal
         */
        record Fails(String reason) implements Vouched {}

        /** The issuer's keys cannot be had. */
        record Unreachable(String what) implements Vouched {}

        /** Whom claims name by an issuer's mapping, or why nobody. */
        sealed interface Named {
            record Person(Principal principal) implements Named {}

            record Nobody(String reason) implements Named {}
        }
    }

    /** The audiences of a configured issuer; empty when it is not one. */
    public Optional<Set<String>> audiences(String issuer) {
        return Optional.ofNullable(issuers.get(issuer)).map(keys -> keys.config().audiences());
    }

    /**
     * Checks a token that is no access token: that this issuer signed it by an algorithm of its
     * configuration, and that it holds now. Never remembered.
     */
    public Vouched vouched(String issuer, Sensitive<String> token) {
        IssuerKeys keys = issuers.get(issuer);
        String text = token.reveal();
        if (keys == null || text.length() > MAX_TOKEN) {
            return new Vouched.Fails(keys == null ? "token_issuer_unknown" : "token_size");
        }
        try {
            Jwt jwt = Jwt.parse(text);
            if (!issuer.equals(jwt.issuer())) {
                throw new JwtException("token_issuer_unknown");
            }
            JwtIssuerConfig config = keys.config();
            String algorithm = jwt.algorithm(config.algorithms());
            return switch (keys.find(jwt.keyId(), algorithm)) {
                case IssuerKeys.Lookup.Unreachable _ ->
                        new Vouched.Unreachable("keys of issuer " + issuer);
                case IssuerKeys.Lookup.Unknown _ -> new Vouched.Fails("token_key_unknown");
                case IssuerKeys.Lookup.Found found -> {
                    if (!signed(jwt, found.keys())) {
                        yield new Vouched.Fails("token_signature");
                    }
                    JwtRules.times(jwt, config, clock.instant());
                    yield new Vouched.Holds(JwtRules.typeOf(jwt), jwt.claims().getClaims());
                }
            };
        } catch (JwtException e) {
            return new Vouched.Fails(e.reason());
        }
    }

    /**
     * Whom claims of a configured issuer name; the claims must come from a token that {@link
     * #vouched} found to hold. The credential has no end of its own: what rests on it has.
     */
    public Vouched.Named person(
            String issuer, Sensitive<String> token, Map<String, Object> claims) {
        IssuerKeys keys = issuers.get(issuer);
        if (keys == null) {
            return new Vouched.Named.Nobody("token_issuer_unknown");
        }
        try {
            return new Vouched.Named.Person(
                    new ClaimReader(keys.config(), claims)
                            .principal(
                                    Hashes.sha256(token.reveal()), clock.instant(), Instant.MAX));
        } catch (JwtException e) {
            return new Vouched.Named.Nobody(e.reason());
        }
    }

    private Authentication check(Jwt jwt, IssuerKeys keys, Digest digest, boolean fetching) {
        Instant now = clock.instant();
        JwtIssuerConfig config = keys.config();
        String hint = "jwt of " + config.issuer();
        try {
            String algorithm = jwt.algorithm(config.algorithms());
            @Nullable String keyId = jwt.keyId();
            IssuerKeys.Lookup found =
                    fetching ? keys.find(keyId, algorithm) : keys.known(keyId, algorithm);
            switch (found) {
                case IssuerKeys.Lookup.Unreachable _ -> {
                    if (!fetching) {
                        background.execute(() -> keys.find(keyId, algorithm));
                    }
                    return new Unavailable("keys of issuer " + config.issuer());
                }
                case IssuerKeys.Lookup.Unknown _ -> {
                    return new Rejected("token_key_unknown", hint);
                }
                case IssuerKeys.Lookup.Found there -> {
                    if (!signed(jwt, there.keys())) {
                        return new Rejected("token_signature", hint);
                    }
                    JwtRules.check(jwt, config, now);
                    Principal principal = JwtRules.principal(jwt, config, digest);
                    Authenticated outcome = new Authenticated(principal);
                    cache.put(
                            digest,
                            new TokenCache.Verified(
                                    outcome, jwt.expires(), keys, there.generation()),
                            jwt.signingInput().length);
                    return outcome;
                }
            }
        } catch (JwtException e) {
            return new Rejected(e.reason(), hint);
        }
    }

    private static boolean signed(Jwt jwt, List<IssuerKeys.Key> keys) {
        for (IssuerKeys.Key key : keys) {
            try {
                if (key.verifier().verify(jwt.header(), jwt.signingInput(), jwt.signature())) {
                    return true;
                }
            } catch (JOSEException e) {
                // A signature that this key cannot even read is not this key's.
                continue;
            }
        }
        return false;
    }

    /** Stops fetching. */
    @Override
    public void close() {
        background.shutdownNow();
    }
}
