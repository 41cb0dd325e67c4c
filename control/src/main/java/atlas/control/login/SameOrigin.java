package atlas.control.login;

import atlas.core.Sensitive;
import atlas.core.crypto.Hashes;
import atlas.runtime.http.Exchange;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Whether a call that rests on a cookie was made by our own page (OWASP ASVS 5, 3.5). A browser
 * sends cookies for any page that asks; what only our page knows is the token, and what no page can
 * forge is {@code Origin} and {@code Sec-Fetch-Site}.
 */
public final class SameOrigin {
    /** Carries the token. */
    public static final String HEADER = "x-csrf-token";

    private static final Set<String> SAFE = Set.of("GET", "HEAD", "OPTIONS");
    private static final byte[] LABEL = "atlas console csrf".getBytes(StandardCharsets.UTF_8);

    private final Optional<String> publicOrigin;

    /** The origin people reach the console at; without one, that of each request's own host. */
    public SameOrigin(Optional<String> publicOrigin) {
        this.publicOrigin = publicOrigin;
    }

    /** The token of a session: derived from its secret, so it need not be kept anywhere. */
    public static String token(Sensitive<String> secret) {
        byte[] key = secret.reveal().getBytes(StandardCharsets.US_ASCII);
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(Hashes.hmacSha256(key, LABEL));
    }

    /** Why a call with this session's cookie is not believed; empty when it is. */
    public Optional<String> objection(Exchange call, Sensitive<String> secret) {
        Optional<String> elsewhere = foreign(call);
        if (elsewhere.isPresent() || SAFE.contains(call.method())) {
            return elsewhere;
        }
        List<String> tokens = call.headers().all(HEADER);
        if (tokens.size() != 1) {
            return Optional.of("csrf_token_missing");
        }
        byte[] given = tokens.getFirst().getBytes(StandardCharsets.UTF_8);
        byte[] wanted = token(secret).getBytes(StandardCharsets.UTF_8);
        return MessageDigest.isEqual(wanted, given)
                ? Optional.empty()
                : Optional.of("csrf_token_wrong");
    }

    /** Why a call is not one of our own page's as far as the browser tells; empty when it is. */
    public Optional<String> foreign(Exchange call) {
        if (!call.knownHere()) {
            return Optional.of("host_unknown");
        }
        boolean safe = SAFE.contains(call.method());
        List<String> sites = call.headers().all("sec-fetch-site");
        if (sites.size() > 1
                || (sites.size() == 1
                        && !sites.getFirst().equals("same-origin")
                        // "none" is a person at the address bar, who changes nothing that way.
                        && !(safe && sites.getFirst().equals("none")))) {
            return Optional.of("csrf_cross_site");
        }
        List<String> origins = call.headers().all("origin");
        if (origins.isEmpty() ? !safe : !origins.equals(List.of(own(call)))) {
            return Optional.of("csrf_origin");
        }
        return Optional.empty();
    }

    /** Our own origin, as the caller of this request knows it. */
    public String own(Exchange call) {
        return publicOrigin.orElseGet(() -> "https://" + call.authority());
    }
}
