package atlas.identity.token;

import atlas.core.Cidr;
import atlas.core.Glob;
import atlas.core.Principal;
import atlas.core.Role;
import atlas.core.Sensitive;
import atlas.core.json.Json;
import atlas.identity.ApiKeys;
import atlas.identity.Authentication;
import atlas.identity.Authenticator;
import atlas.identity.Authenticator.OwnTokens;
import atlas.identity.Presented;
import atlas.identity.StoreUnavailableException;
import atlas.identity.revocation.Revocations;
import atlas.identity.revocation.Revocations.Revocation;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Issues and checks tokens of ours: JWT access tokens (RFC 9068) of minutes, signed with ES256.
 *
 * <p>A token carries no more than what it is issued for, ends no later, and is revoked with it.
 * Signing keys rotate by themselves and are published while any token they signed may live.
 * Thread-safe; issuing blocks only when a key has to be kept.
 */
public final class AtlasTokens implements OwnTokens {
    private final Rules rules;
    private final TokenKeys keys;
    private final TokenVerifier verifier;
    private final Revocations revocations;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();

    /**
     * How tokens of ours are made.
     *
     * @param issuer the {@code iss} of every token, an https URL
     * @param lifetime how long a token lives, at most 15 minutes
     * @param rotation how often a new signing key begins
     */
    public record Rules(String issuer, Duration lifetime, Duration rotation) {
        /** No token lives longer. */
        public static final Duration MAX_LIFETIME = Duration.ofMinutes(15);

        /** Clock difference allowed between whoever signs and whoever checks. */
        static final Duration SKEW = Duration.ofSeconds(30);

        public Rules {
            if (!isIssuer(issuer)) {
                throw new IllegalArgumentException(
                        "a token issuer is an https URL without query and fragment, not `"
                                + issuer
                                + "`");
            }
            if (lifetime.compareTo(Duration.ofSeconds(30)) < 0
                    || lifetime.compareTo(MAX_LIFETIME) > 0) {
                throw new IllegalArgumentException(
                        "a token lives between 30s and 15m, not `" + lifetime + "`");
            }
            if (rotation.compareTo(Duration.ofHours(1)) < 0
                    || rotation.compareTo(Duration.ofDays(90)) > 0) {
                throw new IllegalArgumentException(
                        "token keys are rotated every 1h to 90d, not `" + rotation + "`");
            }
        }

        /** Tokens of ten minutes, a key a day. */
        public static Rules of(String issuer) {
            return new Rules(issuer, Duration.ofMinutes(10), Duration.ofDays(1));
        }

        private static boolean isIssuer(String text) {
            try {
                URI uri = URI.create(text);
                return "https".equals(uri.getScheme())
                        && uri.getHost() != null
                        && uri.getQuery() == null
                        && uri.getFragment() == null;
            } catch (IllegalArgumentException e) {
                return false;
            }
        }
    }

    /** The public halves of the keys that sign tokens, by key id. */
    public interface Keys {

        /** The key of this id, if tokens it signed may live. */
        Optional<PublicKey> find(String keyId);

        /**
         * The key of a token that says it was issued then, when {@link #find} has none: one that is
         * newer than what is known here.
         *
         * @throws StoreUnavailableException when it cannot be told now whether there is one
         */
        default Optional<PublicKey> findNew(String keyId, Instant issued) {
            return Optional.empty();
        }

        /**
         * The keys of a set as {@code /.well-known/jwks.json} has it, for a door that issues
         * nothing.
         *
         * @throws IllegalArgumentException when it is not such a set
         */
        static Keys of(String jwks) {
            return Jwk.set(jwks);
        }
    }

    /** Tokens whose signing keys are another process's: checked here, ordered there. */
    public interface Delegated extends OwnTokens {
        /**
         * Takes over what whoever signs says of tokens.
         *
         * @param jwks its keys, as it publishes them
         * @param statement what is taken back, signed with one of them
         * @param asOf when that was in force
         * @throws IllegalArgumentException when it cannot be believed
         */
        void heard(String issuer, String jwks, String statement, Instant asOf);

        /** Issuer and keys as they were heard last; empty before. */
        Optional<Published> published();

        /** A token endpoint that has what it decides signed there. */
        TokenExchange exchange(Authenticator authenticator, ApiKeys keys);
    }

    /** Where the signing keys are kept, sealed by whoever keeps them. */
    public interface Keeping {
        /** What was kept last. */
        Optional<byte[]> read();

        /**
         * Keeps the keys, durably; throws when it cannot, and then they are not used.
         *
         * @param change what happened: {@code created}, {@code rotated} or {@code replaced}
         * @param keyId the newest key
         */
        void write(byte[] keys, String change, String keyId);
    }

    public AtlasTokens(Rules rules, Keeping keeping, Revocations revocations, Clock clock) {
        this.rules = rules;
        this.keys = TokenKeys.open(keeping, rules.rotation(), clock);
        this.revocations = revocations;
        this.clock = clock;
        this.verifier = new TokenVerifier(rules.issuer(), keys, revocations, clock);
        revocations.onChange(this::dropKeys);
    }

    /** Checks tokens that another process issues, by its published keys and its revocations. */
    public static OwnTokens verifying(
            String issuer, Keys keys, Revocations revocations, Clock clock) {
        return new TokenVerifier(issuer, keys, revocations, clock);
    }

    /** Those of another process, by what it says; {@code revocations} follow it. */
    public static Delegated delegated(
            Revocations revocations, TokenExchange.Signing signing, Clock clock) {
        return new DelegatedTokens(revocations, signing, clock);
    }

    /** Signs what other processes decided, within bounds of its own. */
    public TokenExchange.Signing.Desk desk(ApiKeys keys) {
        return new SigningDesk(this, keys);
    }

    // Whoever revokes everything may have lost the key itself.
    private void dropKeys(Revocation made) {
        if (made.kind() == Revocation.Kind.EVERYTHING) {
            keys.replaceAll();
        }
    }

    /**
     * What a token is to say, at most what its holder's credential says already.
     *
     * @param client who asks for it
     * @param rests what the holder's credential stands on, {@code kind:id}, itself first
     * @param source the literal of the address it is asked for from
     */
    record Order(
            Principal holder,
            String client,
            List<String> audiences,
            Set<Role> roles,
            List<Glob> models,
            List<String> rests,
            List<Cidr> sources,
            Claims.Binding binding,
            String source) {

        /** The holder with no more than the token carries. */
        Principal narrowed() {
            return new Principal(
                    holder.id(),
                    holder.kind(),
                    holder.tenant(),
                    roles,
                    models,
                    holder.claims(),
                    holder.credential());
        }
    }

    /** A new token. */
    public record Issued(
            Sensitive<String> token,
            String id,
            List<String> audiences,
            List<String> roles,
            List<String> models,
            String boundTo,
            Instant expires) {
        /** The seconds it lives from now on. */
        public long secondsFrom(Instant now) {
            return java.time.Duration.between(now, expires).toSeconds();
        }

        /**
         * What a token says that whoever signs it has just given.
         *
         * @throws IllegalArgumentException when it cannot be read
         */
        public static Issued of(Sensitive<String> token) {
            try {
                Claims claims = Claims.parse(Compact.parse(token.reveal()).payload());
                return of(token, claims);
            } catch (TokenFault e) {
                throw new IllegalArgumentException("not a token: " + e.reason(), e);
            }
        }

        static Issued of(Sensitive<String> token, Claims claims) {
            return new Issued(
                    token,
                    claims.id(),
                    claims.audiences(),
                    claims.holder().roles().stream().sorted().map(Role::wireName).toList(),
                    claims.holder().models().stream().map(Glob::pattern).toList(),
                    claims.binding().words(),
                    claims.expires());
        }
    }

    /** How tokens are checked: who issues them, and the keys that sign them as a JWK set. */
    public record Published(String issuer, byte[] jwks) {}

    /**
     * A token for whoever is signed in otherwise: the same roles and models, for one door, bound to
     * nothing. A token of ours is exchanged instead, where its proof can be asked for.
     *
     * @param sources the networks that the caller's key may be used from
     * @param began the {@link #epoch} before the caller was last judged: whatever was taken back
     *     since ends the token
     * @throws IllegalArgumentException when the caller came with a token of ours
     */
    public Issued issue(Principal caller, String audience, List<Cidr> sources, long began) {
        Principal.Credential credential = caller.credential();
        if (credential.kind() == Principal.Credential.Kind.ATLAS_TOKEN) {
            throw new IllegalArgumentException("a token is exchanged at the token endpoint");
        }
        return issue(
                new Order(
                        caller,
                        caller.id(),
                        List.of(audience),
                        caller.roles(),
                        caller.models(),
                        restsOn(credential),
                        sources,
                        Claims.Binding.NONE,
                        ""),
                began);
    }

    static List<String> restsOn(Principal.Credential credential) {
        String kind = credential.kind().name().toLowerCase(java.util.Locale.ROOT);
        List<String> rests = new ArrayList<>();
        rests.add(kind + ":" + credential.id());
        credential
                .key()
                .map(id -> Claims.KEY + id)
                .filter(r -> !rests.contains(r))
                .ifPresent(rests::add);
        return rests;
    }

    /** The number of the last change; to be read before a caller is judged. */
    public long epoch() {
        return revocations.epoch();
    }

    /** A token that is revoked by whatever was revoked after this epoch. */
    Issued issue(Order order, long epoch) {
        Instant now = Instant.ofEpochSecond(clock.instant().getEpochSecond());
        Instant parentEnds = order.holder.credential().expires();
        Instant wanted = now.plus(rules.lifetime());
        Instant expires = parentEnds.isBefore(wanted) ? parentEnds : wanted;
        byte[] idBytes = new byte[16];
        random.nextBytes(idBytes);
        Claims claims =
                new Claims(
                        rules.issuer(),
                        order.audiences,
                        order.client,
                        Compact.encode(idBytes),
                        now,
                        Instant.ofEpochSecond(expires.getEpochSecond()),
                        epoch,
                        order.narrowed(),
                        order.rests,
                        order.sources,
                        order.binding);
        return Issued.of(Sensitive.of(sign("at+jwt", claims.json())), claims);
    }

    private String sign(String type, byte[] payload) {
        TokenKeys.Signer signer = keys.current();
        byte[] header =
                Json.bytes(out -> {
                    out.writeStartObject();
                    out.writeStringField("typ", type);
                    out.writeStringField("alg", EcSignatures.ALGORITHM);
                    out.writeStringField("kid", signer.id());
                    out.writeEndObject();
                });
        String signed = Compact.toSign(header, payload);
        byte[] signature =
                EcSignatures.sign(
                        signer.pair().getPrivate(), signed.getBytes(StandardCharsets.US_ASCII));
        return signed + "." + Compact.encode(signature);
    }

    /** What is revoked now, signed, for a door without a store; see {@link #follow}. */
    public String statement() {
        return sign(
                RevocationStatement.TYPE,
                RevocationStatement.of(rules.issuer(), revocations, clock.instant()).json());
    }

    /**
     * Lets a follower take over a statement of its authority.
     *
     * @param keys of the authority, as it publishes them
     * @return whether it was news; false when it is older than what is known
     * @throws IllegalArgumentException when it is not the authority's
     */
    public static boolean follow(Revocations follower, String statement, String issuer, Keys keys) {
        try {
            Compact jws = Compact.parse(statement);
            jws.require(RevocationStatement.TYPE);
            String keyId = jws.header().optionalText("kid");
            var key = keys.find(keyId).orElseThrow(() -> new TokenFault("key_unknown"));
            if (!EcSignatures.verify(key, jws.signedBytes(), jws.signature())) {
                throw new TokenFault("signature");
            }
            String payload = statement.split("\\.", 3)[1];
            RevocationStatement said = RevocationStatement.parse(Compact.decode(payload));
            if (!said.issuer().equals(issuer)) {
                throw new TokenFault("issuer");
            }
            return follower.follow(said.epoch(), said.at(), said.revocations());
        } catch (TokenFault e) {
            throw new IllegalArgumentException("not a statement of revocations: " + e.reason(), e);
        }
    }

    @Override
    public Optional<Authentication> authenticate(
            Sensitive<String> token, boolean dpop, Presented presented, Look look) {
        return verifier.authenticate(token, dpop, presented, look);
    }

    /** The published keys, as {@code /.well-known/jwks.json} shows them. */
    public byte[] jwks() {
        return keys.jwks();
    }

    public String issuer() {
        return rules.issuer();
    }

    /** Issuer and keys together, as a token endpoint shows them. */
    public Optional<Published> published() {
        return Optional.of(new Published(rules.issuer(), jwks()));
    }

    Revocations revocations() {
        return revocations;
    }

    Clock clock() {
        return clock;
    }

    TokenKeys keys() {
        return keys;
    }

    TokenVerifier verifier() {
        return verifier;
    }
}
