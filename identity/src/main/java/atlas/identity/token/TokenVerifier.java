package atlas.identity.token;

import atlas.core.Cidr;
import atlas.core.Digest;
import atlas.core.Sensitive;
import atlas.identity.Authentication;
import atlas.identity.Authentication.Authenticated;
import atlas.identity.Authentication.NonceNeeded;
import atlas.identity.Authentication.Rejected;
import atlas.identity.Authentication.Unavailable;
import atlas.identity.Authenticator.OwnTokens;
import atlas.identity.Presented;
import atlas.identity.StoreUnavailableException;
import atlas.identity.revocation.Revocations;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Checks tokens of ours: signature, type, time, audience, revocation, and that whoever sends a
 * bound token holds its key. Asks nobody, but for a key newer than those known. Thread-safe.
 */
final class TokenVerifier implements OwnTokens {
    private static final String TYPE = "at+jwt";
    private static final int REMEMBERED = 10_000;

    private final Supplier<String> issuer;
    private final AtlasTokens.Keys keys;
    private final Revocations revocations;
    private final Proofs proofs;
    private final Clock clock;
    private final VerifiedTokens verified = new VerifiedTokens(REMEMBERED);

    /** Checks tokens of this issuer; whoever issues them may be another process. */
    TokenVerifier(String issuer, AtlasTokens.Keys keys, Revocations revocations, Clock clock) {
        this(() -> issuer, keys, revocations, clock);
    }

    /** Checks tokens of an issuer whose name and keys are heard of, and may change. */
    TokenVerifier(
            Supplier<String> issuer, AtlasTokens.Keys keys, Revocations revocations, Clock clock) {
        this.issuer = issuer;
        this.keys = keys;
        this.revocations = revocations;
        this.proofs = new Proofs(clock);
        this.clock = clock;
    }

    /** The number of the last revocation known here. */
    long epoch() {
        return revocations.epoch();
    }

    Proofs proofs() {
        return proofs;
    }

    @Override
    public Optional<Authentication> authenticate(
            Sensitive<String> token, boolean dpop, Presented presented, Look look) {
        String text = token.reveal();
        Digest digest = VerifiedTokens.key(text);
        Instant now = clock.instant();
        VerifiedTokens.Known known = verified.find(digest, now);
        if (known == null && !Compact.issuer(text).equals(issuer.get())) {
            return Optional.empty();
        }
        if (!revocations.current(now)) {
            return Optional.of(new Unavailable("revocations"));
        }
        String hint = "token";
        try {
            if (known == null) {
                known = verify(text, now);
                verified.put(digest, known, text.length());
            }
            hint = "token " + known.claims().id();
            check(known, digest, presented, now);
            return Optional.of(prove(known.claims(), text, dpop, presented, look));
        } catch (TokenFault e) {
            return Optional.of(new Rejected(e.reason(), hint));
        } catch (StoreUnavailableException e) {
            return Optional.of(new Unavailable("token keys"));
        }
    }

    /** The claims of a token that was accepted a moment ago. */
    Claims claims(String text) throws TokenFault {
        Instant now = clock.instant();
        VerifiedTokens.Known known = verified.find(VerifiedTokens.key(text), now);
        return known == null ? verify(text, now).claims() : known.claims();
    }

    private VerifiedTokens.Known verify(String text, Instant now) throws TokenFault {
        Compact jws = Compact.parse(text);
        jws.require(TYPE);
        String keyId = jws.header().optionalText("kid");
        Optional<PublicKey> known = keys.find(keyId);
        if (known.isEmpty()) {
            Instant issued = Instant.ofEpochSecond(jws.payload().seconds("iat"));
            known = keys.findNew(keyId, issued);
        }
        PublicKey key = known.orElseThrow(() -> new TokenFault("token_key_unknown"));
        if (!EcSignatures.verify(key, jws.signedBytes(), jws.signature())) {
            throw new TokenFault("token_signature");
        }
        Claims claims = Claims.parse(jws.payload());
        if (!claims.issuer().equals(issuer.get())) {
            throw new TokenFault("token_issuer_unknown");
        }
        if (!now.isBefore(claims.expires())) {
            throw new TokenFault("token_expired");
        }
        if (claims.issued().isAfter(now.plus(AtlasTokens.Rules.SKEW))) {
            throw new TokenFault("token_not_yet_valid");
        }
        if (claims.expires()
                .isAfter(claims.issued().plus(AtlasTokens.Rules.MAX_LIFETIME).plusSeconds(1))) {
            throw new TokenFault("token_too_long");
        }
        // Not yet known to be clean: any epoch that can be read is another.
        return new VerifiedTokens.Known(claims, keyId, -1);
    }

    /** What may change between two uses of one token. */
    private void check(VerifiedTokens.Known known, Digest digest, Presented presented, Instant now)
            throws TokenFault {
        Claims claims = known.claims();
        long epoch = revocations.epoch();
        if (known.cleanAt() != epoch) {
            if (keys.find(known.keyId()).isEmpty()) {
                verified.drop(digest);
                throw new TokenFault("token_key_unknown");
            }
            if (revocations.ending(claims.subject()).isPresent()) {
                verified.drop(digest);
                throw new TokenFault("token_revoked");
            }
            known.cleanAt(epoch);
        }
        if (!now.isBefore(claims.expires())) {
            throw new TokenFault("token_expired");
        }
        if (!claims.audiences().contains(presented.request().door())) {
            throw new TokenFault("token_audience");
        }
        if (!allowsFrom(claims.sources(), presented.request().source())) {
            throw new TokenFault("token_source");
        }
    }

    private static boolean allowsFrom(List<Cidr> sources, String source) {
        if (sources.isEmpty()) {
            return true;
        }
        for (Cidr network : sources) {
            if (network.contains(source)) {
                return true;
            }
        }
        return false;
    }

    private Authentication prove(
            Claims claims, String text, boolean dpop, Presented presented, Look look)
            throws TokenFault {
        Optional<String> certificate = claims.binding().certificate();
        if (certificate.isPresent()) {
            // RFC 8705 §3: the certificate of this very connection.
            if (presented.peer().isEmpty()) {
                throw new TokenFault("token_certificate_missing");
            }
            byte[] shown = thumbprint(presented.peer().getFirst()).getBytes(US_ASCII);
            if (!MessageDigest.isEqual(shown, certificate.get().getBytes(US_ASCII))) {
                throw new TokenFault("token_certificate_other");
            }
        }
        Optional<String> key = claims.binding().dpop();
        if (look != Look.IN_BODY && key.isPresent() != dpop) {
            // RFC 9449 §7.2: neither a bound token without its proof, nor the other way round.
            throw new TokenFault(dpop ? "token_not_bound" : "token_proof_missing");
        }
        if (key.isEmpty() || look == Look.UNDER_WAY) {
            return new Authenticated(claims.holder());
        }
        if (presented.proofs().isEmpty()) {
            throw new TokenFault("token_proof_missing");
        }
        Optional<String> named = look == Look.IN_BODY ? Optional.empty() : Optional.of(text);
        String proof = presented.proofs().getFirst();
        return switch (proofs.judge(proof, presented.request(), named, key)) {
            case Proofs.Verdict.Proven _ -> new Authenticated(claims.holder());
            case Proofs.Verdict.NonceNeeded(String nonce) ->
                    new NonceNeeded(nonce, "token " + claims.id());
            case Proofs.Verdict.Full _ -> new Unavailable("memory of proofs");
        };
    }

    /** RFC 8705 §3.1: {@code x5t#S256} of a certificate. */
    static String thumbprint(X509Certificate certificate) throws TokenFault {
        try {
            byte[] digest = atlas.core.crypto.Hashes.sha256().digest(certificate.getEncoded());
            return Compact.encode(digest);
        } catch (CertificateEncodingException e) {
            throw new TokenFault("certificate_malformed");
        }
    }

    int remembered() {
        return verified.size();
    }

    private static final java.nio.charset.Charset US_ASCII = StandardCharsets.US_ASCII;
}
