package atlas.control.api;

import atlas.control.login.Door;
import atlas.runtime.Problem;
import java.util.Map;

/** Every problem the control plane answers with; slug, status and title never vary for one kind. */
final class Problems {
    private static final Problem STRANGER =
            new Problem(
                    "invalid-credential",
                    401,
                    "invalid credential",
                    "present a valid API key, token or client certificate");

    private Problems() {}

    /** The same words for every stranger, whatever was asked for. */
    static Refusal unauthenticated() {
        return new Refusal(STRANGER, Map.of("www-authenticate", "Bearer"));
    }

    /** With what only the holder of the credential is told. */
    static Refusal unauthenticated(String detail) {
        return new Refusal(
                new Problem("invalid-credential", 401, "invalid credential", detail),
                Map.of("www-authenticate", "Bearer"));
    }

    /** The same words, and a nonce for the proof that comes with the token (RFC 9449 §9). */
    static Refusal nonceNeeded(String nonce) {
        return new Refusal(
                STRANGER,
                Map.of("www-authenticate", "DPoP error=\"use_dpop_nonce\"", "dpop-nonce", nonce));
    }

    /** A cookie came along, but no page of ours made the call. */
    static Refusal notOurPage() {
        return forbidden("this call was not made by the console's own page");
    }

    /** The words for what a way of signing in refused. */
    static Refusal atTheDoor(Door.Shut.Kind kind) {
        return switch (kind) {
            case UNAUTHENTICATED -> unauthenticated();
            case NOT_OURS -> notOurPage();
            case MALFORMED -> invalid("this is not what is expected here");
            case TOO_OFTEN -> busy("too many tries; wait a minute");
            case UNAVAILABLE -> unavailable("nobody can sign in this way now");
            case BACK_TO_PAGE -> toPage("/#sign-in-failed");
            case BACK_TO_PAGE_AWAY -> toPage("/#sign-in-away");
        };
    }

    // Whoever reads this and no page: the browser has followed the location already.
    private static Refusal toPage(String place) {
        return new Refusal(
                new Problem("sign-in-failed", 303, "sign-in failed", "nobody was signed in"),
                java.util.Map.of("location", place, "referrer-policy", "no-referrer"));
    }

    static Refusal forbidden(String detail) {
        return new Refusal(new Problem("forbidden", 403, "forbidden", detail));
    }

    static Refusal notFound(String detail) {
        return new Refusal(new Problem("not-found", 404, "not found", detail));
    }

    static Refusal methodNotAllowed(String allowed) {
        return new Refusal(
                new Problem(
                        "method-not-allowed",
                        405,
                        "method not allowed",
                        "this resource answers to " + allowed),
                Map.of("allow", allowed));
    }

    static Refusal invalid(String detail) {
        return new Refusal(new Problem("invalid-request", 400, "invalid request", detail));
    }

    static Refusal conflict(String detail) {
        return new Refusal(new Problem("conflict", 409, "conflict", detail));
    }

    static Refusal modelRefused(String detail) {
        return new Refusal(new Problem("model-refused", 409, "model refused", detail));
    }

    static Refusal tooLarge(String detail) {
        return new Refusal(new Problem("request-too-large", 413, "request too large", detail));
    }

    static Refusal busy(String detail) {
        return new Refusal(
                new Problem("rate-limited", 429, "rate limited", detail),
                Map.of("retry-after", "5"));
    }

    static Refusal upstream(String detail) {
        return new Refusal(new Problem("upstream-error", 502, "upstream error", detail));
    }

    static Refusal unavailable(String detail) {
        return new Refusal(
                new Problem("unavailable", 503, "unavailable", detail), Map.of("retry-after", "5"));
    }

    static Problem internal() {
        return new Problem(
                "internal", 500, "internal error", "something failed here; quote the request id");
    }
}
