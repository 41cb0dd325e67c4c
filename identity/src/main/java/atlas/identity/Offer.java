package atlas.identity;

import atlas.core.Sensitive;
import java.util.List;
import java.util.Optional;

/**
 * The one credential a request offers in its headers, told apart by scheme; not yet believed.
 *
 * @param text the credential without its scheme
 */
record Offer(Scheme scheme, Sensitive<String> text) {

    /** How it was offered. */
    enum Scheme {
        BEARER,
        /** RFC 9449 §7.1: a token that is worth nothing without a proof. */
        DPOP,
        API_KEY
    }

    /** What the headers of a request come to. */
    sealed interface Reading {
        /** At most one credential, in a form that can be checked. */
        record One(Optional<Offer> offer) implements Reading {}

        /** More than one meaning, or none we know. */
        record Unclear(String reason, String hint) implements Reading {}
    }

    static Reading read(Presented presented) {
        List<Sensitive<String>> authorization = presented.authorization();
        List<Sensitive<String>> keys = presented.apiKey();
        if (authorization.size() + keys.size() > 1) {
            return new Reading.Unclear(
                    "two_credentials",
                    authorization.isEmpty() || keys.isEmpty()
                            ? "one header, several times"
                            : "authorization and x-api-key");
        }
        if (presented.proofs().size() > 1) {
            // RFC 9449 §4.3 check 1: not more than one DPoP header.
            return new Reading.Unclear("two_proofs", "dpop, several times");
        }
        if (!keys.isEmpty()) {
            return one(Scheme.API_KEY, keys.getFirst());
        }
        return authorization.isEmpty()
                ? new Reading.One(Optional.empty())
                : authorization(authorization.getFirst().reveal());
    }

    private static Reading authorization(String value) {
        for (Scheme scheme : List.of(Scheme.BEARER, Scheme.DPOP)) {
            // RFC 9110 §11.4: any case, and one space or more before what follows.
            String name = scheme.name();
            if (value.regionMatches(true, 0, name, 0, name.length())
                    && value.length() > name.length()
                    && value.charAt(name.length()) == ' ') {
                return one(scheme, Sensitive.of(value.substring(name.length() + 1).strip()));
            }
        }
        return new Reading.Unclear("authorization_scheme", "authorization of another scheme");
    }

    private static Reading one(Scheme scheme, Sensitive<String> text) {
        return new Reading.One(Optional.of(new Offer(scheme, text)));
    }
}
