package atlas.identity.token;

import atlas.core.crypto.Hashes;
import atlas.identity.Presented.Request;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Judges DPoP proofs (RFC 9449 §4.3). A proof is used up by its first acceptance, and only by that:
 * a proof that fails for any reason marks nothing. Thread-safe; blocks on nothing.
 */
final class Proofs {
    private static final String TYPE = "dpop+jwt";
    private static final int MAX_LENGTH = 4096;
    private static final int MAX_ID = 256;

    /** How old a proof may be, and how far its clock may be ahead of ours. */
    static final Duration MAX_AGE = Duration.ofSeconds(60);

    static final Duration MAX_AHEAD = Duration.ofSeconds(15);

    private static final int KEYS_REMEMBERED = 1024;

    private final Nonces nonces;
    private final SeenProofs seen;
    private final Clock clock;
    private final Map<String, Jwk> keys =
            new LinkedHashMap<>(16, 0.75f, true) {
                private static final long serialVersionUID = 1L;

                @Override
                protected boolean removeEldestEntry(Map.Entry<String, Jwk> eldest) {
                    return size() > KEYS_REMEMBERED;
                }
            };

    Proofs(Clock clock) {
        this(clock, new SeenProofs(MAX_AGE.plus(MAX_AHEAD), 1 << 19, 1 << 16));
    }

    Proofs(Clock clock, SeenProofs seen) {
        this.nonces = new Nonces(clock);
        this.seen = seen;
        this.clock = clock;
    }

    /** The nonce that holds now. */
    String currentNonce() {
        return nonces.current();
    }

    /** What a proof comes to. */
    sealed interface Verdict {
        /** The holder of this key sent this request, now and for the first time. */
        record Proven(String thumbprint) implements Verdict {}

        /** All of that may be, but for a nonce of ours. */
        record NonceNeeded(String nonce) implements Verdict {}

        /** Too many proofs are remembered to tell a replay. */
        record Full() implements Verdict {}
    }

    /**
     * Judges one proof.
     *
     * @param token the token that is sent with it, which it must name by hash; empty where none is
     * @param key the thumbprint that the token is bound to; any key's where there is none
     */
    Verdict judge(String proof, Request request, Optional<String> token, Optional<String> key)
            throws TokenFault {
        if (proof.length() > MAX_LENGTH) {
            throw new TokenFault("dpop_malformed");
        }
        Compact jws = parse(proof);
        Jwk jwk = key(jws);
        if (!EcSignatures.verify(jwk.key(), jws.signedBytes(), jws.signature())) {
            throw new TokenFault("dpop_signature");
        }
        if (key.isPresent() && !key.get().equals(jwk.thumbprint())) {
            throw new TokenFault("dpop_other_key");
        }
        String id = claims(jws.payload(), request, token);
        if (!nonces.holds(jws.payload().optionalText("nonce"))) {
            return new Verdict.NonceNeeded(nonces.current());
        }
        return switch (seen.use(jwk.thumbprint(), id, clock.instant())) {
            case FIRST -> new Verdict.Proven(jwk.thumbprint());
            case REPLAYED -> throw new TokenFault("dpop_replayed");
            case FULL -> new Verdict.Full();
        };
    }

    private static Compact parse(String proof) throws TokenFault {
        try {
            Compact jws = Compact.parse(proof);
            jws.require(TYPE);
            return jws;
        } catch (TokenFault e) {
            throw new TokenFault(e.reason().replace("token_", "dpop_"));
        }
    }

    private Jwk key(Compact jws) throws TokenFault {
        JsonObject given;
        try {
            given = jws.header().object("jwk");
        } catch (TokenFault e) {
            throw new TokenFault("dpop_key_missing");
        }
        // A key that was read before is known by its whole header.
        String head = jws.signed().substring(0, jws.signed().indexOf('.'));
        synchronized (keys) {
            Jwk known = keys.get(head);
            if (known != null) {
                return known;
            }
        }
        Jwk read;
        try {
            read = Jwk.parse(given);
        } catch (TokenFault e) {
            throw new TokenFault("dpop_" + e.reason().replace("token_", "jwk_"));
        }
        synchronized (keys) {
            keys.put(head, read);
        }
        return read;
    }

    /** RFC 9449 §4.3 checks 8 to 12; the id that must not be seen twice. */
    private String claims(JsonObject payload, Request request, Optional<String> token)
            throws TokenFault {
        String id = member(payload, "jti");
        if (id.isEmpty() || id.length() > MAX_ID) {
            throw new TokenFault("dpop_malformed");
        }
        if (!member(payload, "htm").equals(request.method())) {
            throw new TokenFault("dpop_method");
        }
        if (!sameTarget(member(payload, "htu"), request)) {
            throw new TokenFault("dpop_target");
        }
        Instant issued;
        try {
            issued = Instant.ofEpochSecond(payload.seconds("iat"));
        } catch (TokenFault e) {
            throw new TokenFault("dpop_malformed");
        }
        Instant now = clock.instant();
        if (issued.isBefore(now.minus(MAX_AGE)) || issued.isAfter(now.plus(MAX_AHEAD))) {
            throw new TokenFault("dpop_time");
        }
        if (token.isPresent()) {
            byte[] hash = token.get().getBytes(StandardCharsets.US_ASCII);
            if (!member(payload, "ath").equals(Compact.encode(Hashes.sha256().digest(hash)))) {
                throw new TokenFault("dpop_token");
            }
        }
        return id;
    }

    private static String member(JsonObject payload, String name) throws TokenFault {
        try {
            return payload.text(name);
        } catch (TokenFault e) {
            throw new TokenFault(name.equals("ath") ? "dpop_token" : "dpop_malformed");
        }
    }

    // RFC 9449 §4.3 check 9: without query and fragment, after normalising (RFC 3986 §6.2.2).
    private static boolean sameTarget(String htu, Request request) {
        try {
            URI uri = new URI(htu);
            String raw = uri.getRawPath();
            if (!"https".equalsIgnoreCase(uri.getScheme())
                    || uri.getRawAuthority() == null
                    || raw == null
                    || raw.toLowerCase(Locale.ROOT).contains("%2f")) {
                return false;
            }
            String authority = uri.getRawAuthority().toLowerCase(Locale.ROOT);
            if (authority.endsWith(":443")) {
                authority = authority.substring(0, authority.length() - ":443".length());
            }
            String path = uri.getPath().isEmpty() ? "/" : uri.getPath();
            return authority.equals(request.authority()) && path.equals(request.path());
        } catch (java.net.URISyntaxException e) {
            return false;
        }
    }
}
