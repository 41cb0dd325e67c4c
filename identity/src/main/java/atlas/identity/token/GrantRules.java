package atlas.identity.token;

import atlas.core.Principal;
import atlas.core.Principal.Credential;
import java.util.Optional;
import java.util.Set;

/** What each grant asks of the caller and the form, once the caller is known. */
final class GrantRules {
    private static final String JWT = "urn:ietf:params:oauth:token-type:jwt";

    /** The type of an API key as a subject; the registry has none. */
    private static final String API_KEY = "urn:atlas:params:oauth:token-type:api-key";

    private GrantRules() {}

    static void check(Principal caller, Offered.One one, TokenForm form, String grant)
            throws Narrowing.Impossible {
        if (grant.isEmpty()) {
            throw invalid("`grant_type` is missing");
        }
        switch (grant) {
            case TokenExchange.EXCHANGE -> exchange(caller, form);
            case TokenExchange.CLIENT_CREDENTIALS -> client(caller, one, form);
            default ->
                    throw new Narrowing.Impossible(
                            "unsupported_grant_type",
                            "`grant_type` is `"
                                    + TokenExchange.EXCHANGE
                                    + "` or `"
                                    + TokenExchange.CLIENT_CREDENTIALS
                                    + "`");
        }
        if (!isCaller(caller, form.one("client_id"))) {
            throw invalid("`client_id` is neither the principal nor the key");
        }
    }

    private static void exchange(Principal caller, TokenForm form) throws Narrowing.Impossible {
        if (form.has("actor_token") || form.has("actor_token_type")) {
            throw invalid("acting for somebody else is not offered; leave `actor_token` out");
        }
        Optional<String> wanted = form.one("requested_token_type");
        if (wanted.isPresent() && !Set.of(TokenExchange.ACCESS_TOKEN, JWT).contains(wanted.get())) {
            throw invalid(
                    "`requested_token_type` is `" + TokenExchange.ACCESS_TOKEN + "`, if given");
        }
        Optional<String> type = form.one("subject_token_type");
        if (form.has("subject_token") != type.isPresent()) {
            // RFC 8693 §2.1: each is required with the other.
            throw invalid("`subject_token` and `subject_token_type` go together");
        }
        if (type.isPresent() && !fits(type.get(), caller.credential().kind())) {
            throw invalid("the subject is not a `" + type.get() + "`");
        }
    }

    private static boolean fits(String type, Credential.Kind kind) {
        return switch (kind) {
            case API_KEY -> type.equals(API_KEY);
            case ATLAS_TOKEN, JWT -> type.equals(JWT) || type.equals(TokenExchange.ACCESS_TOKEN);
            case CERTIFICATE, SESSION -> false;
        };
    }

    private static void client(Principal caller, Offered.One one, TokenForm form)
            throws Narrowing.Impossible {
        if (form.has("subject_token")) {
            throw invalid("`subject_token` belongs to `" + TokenExchange.EXCHANGE + "`");
        }
        boolean byKey = caller.credential().kind() == Credential.Kind.API_KEY;
        boolean byCertificate = caller.credential().kind() == Credential.Kind.CERTIFICATE;
        if (!byKey && !byCertificate) {
            throw new Narrowing.Impossible(
                    "unauthorized_client", "a client shows its API key or its certificate");
        }
        if (byKey && one.client().isEmpty()) {
            throw invalid("send client id and API key by `Basic` or in the form");
        }
        if (caller.kind() == Principal.Kind.HUMAN) {
            throw new Narrowing.Impossible(
                    "unauthorized_client",
                    "this grant is for services; people use `" + TokenExchange.EXCHANGE + "`");
        }
    }

    /** A client may name itself by its principal or by its key, and nobody else. */
    static boolean isCaller(Principal caller, Optional<String> named) {
        return named.isEmpty()
                || named.get().equals(caller.id())
                || named.get().equals(caller.credential().id());
    }

    private static Narrowing.Impossible invalid(String message) {
        return new Narrowing.Impossible("invalid_request", message);
    }
}
