package atlas.identity.token;

import atlas.core.Cidr;
import atlas.core.Principal;
import atlas.core.Principal.Credential;
import atlas.identity.ApiKeys;
import atlas.identity.Authentication;
import atlas.identity.Authenticator;
import atlas.identity.KeyLimits;
import atlas.identity.Presented;
import atlas.identity.StoreUnavailableException;
import atlas.identity.token.AtlasTokens.Issued;
import atlas.identity.token.AtlasTokens.Order;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a token endpoint does: gives a short-lived token for any accepted credential (RFC 8693) or
 * to a service for its key or certificate (RFC 6749 §4.4, RFC 8705 §2), never for more than the
 * credential reaches, bound to the certificate (RFC 8705 §3) and the DPoP key (RFC 9449 §5) that
 * come with the request.
 *
 * <p>Nobody learns anything before a credential held: not even that the form is malformed.
 * Thread-safe; blocks where the authenticator does.
 */
public final class TokenExchange {
    /** RFC 8693 §2.1. */
    public static final String EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";

    /** RFC 6749 §4.4. */
    public static final String CLIENT_CREDENTIALS = "client_credentials";

    /** RFC 8693 §3. */
    public static final String ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";

    private final Authenticator authenticator;
    private final TokenVerifier verifier;
    private final Giver giver;
    private final ApiKeys keys;

    /** Gives what was decided by what was revoked at an epoch; anything later ends it. */
    interface Giver {
        Signing.Answer give(Order order, long began);
    }

    /** One that signs by itself. */
    public TokenExchange(Authenticator authenticator, AtlasTokens tokens, ApiKeys keys) {
        this(
                authenticator,
                tokens.verifier(),
                (order, began) -> new Signing.Answer.Signed(tokens.issue(order, began)),
                keys);
    }

    /** One that has what it decided signed elsewhere. */
    TokenExchange(Authenticator authenticator, TokenVerifier verifier, Giver giver, ApiKeys keys) {
        this.authenticator = authenticator;
        this.verifier = verifier;
        this.giver = giver;
        this.keys = keys;
    }

    /**
     * Where tokens are signed when that is another process: all that crosses is an order, what a
     * token is to say, and never a key or the credential it is exchanged for. Thread-safe; blocks,
     * for a bounded time.
     */
    public interface Signing {
        /** Has an order signed, as {@link Desk} reads it. */
        Answer sign(byte[] order);

        /**
         * Hears at once what is in force, keys and revocations, as of a moment after this was
         * called.
         *
         * @return false when that could not be had, or was asked for too often
         */
        boolean refresh();

        /** What an order comes to. */
        sealed interface Answer {
            /** A token, not handed out yet. */
            record Signed(Issued issued) implements Answer {}

            /** It is not given; {@code code} is an OAuth error. */
            record Refused(String code, String message) implements Answer {}

            /** What it was to stand on has ended; {@code reason} is for the journal. */
            record Ended(String reason) implements Answer {}

            /** Whoever signs cannot be asked now. */
            record Away(String what) implements Answer {}
        }

        /** The other end: judges orders, and signs those that hold. */
        interface Desk {
            /**
             * Judges one order.
             *
             * @throws IllegalArgumentException when it is not an order
             * @throws StoreUnavailableException when the key it rests on cannot be looked at
             */
            Judged answer(byte[] order);
        }

        /**
         * What was asked and what it comes to.
         *
         * @param holder with the credential that the token is to stand on
         * @param source the address that it is asked for from
         */
        record Judged(Principal holder, String source, Answer answer) {}
    }

    /** What a request for a token comes to. */
    public sealed interface Outcome {
        /**
         * A token, not handed out yet.
         *
         * @param type {@code Bearer} or {@code DPoP}
         */
        record Granted(Principal caller, String grant, Issued issued, String type, String scope)
                implements Outcome {}

        /** Somebody known asks for what cannot be; {@code code} is an OAuth error. */
        record Denied(
                Principal caller, String grant, String code, String message, Optional<String> nonce)
                implements Outcome {}

        /** No credential held. */
        record Stranger(Authentication.Rejected why) implements Outcome {}

        /** It cannot be told now. */
        record Unavailable(String what) implements Outcome {}
    }

    /** Answers one request; {@code formEncoded} is whether its body claims to be a form. */
    public Outcome answer(Presented presented, byte[] body, boolean formEncoded) {
        // INVARIANT: read before the credential is judged; what is taken back from here on ends the
        // token, too.
        long began = verifier.epoch();
        Optional<TokenForm> form = formEncoded ? TokenForm.parse(body) : Optional.empty();
        Offered offered = Offered.of(presented, form.orElseGet(TokenForm::empty));
        return switch (offered) {
            case Offered.Unclear(String reason) ->
                    new Outcome.Stranger(new Authentication.Rejected(reason, "token request"));
            case Offered.One one -> {
                Authentication caller =
                        one.inBody()
                                ? authenticator.subject(one.presented())
                                : authenticator.authenticate(one.presented());
                yield switch (caller) {
                    case Authentication.Authenticated(Principal principal) ->
                            known(principal, one, form, began);
                    case Authentication.Rejected no -> new Outcome.Stranger(no);
                    case Authentication.NonceNeeded(String nonce, String _) ->
                            nonceNeeded(one, nonce);
                    case Authentication.Unavailable(String what) -> new Outcome.Unavailable(what);
                };
            }
        };
    }

    /** A good token and a good proof without our nonce: its holder is known by both. */
    private Outcome nonceNeeded(Offered.One one, String nonce) {
        try {
            Principal holder = verifier.claims(one.token()).holder();
            return new Outcome.Denied(
                    holder, "", "use_dpop_nonce", NONCE_NEEDED, Optional.of(nonce));
        } catch (TokenFault e) {
            return new Outcome.Stranger(new Authentication.Rejected(e.reason(), "token"));
        }
    }

    private static final String NONCE_NEEDED =
            "send the proof again with the nonce of the `DPoP-Nonce` header";

    private Outcome known(Principal caller, Offered.One one, Optional<TokenForm> form, long began) {
        String grant = form.flatMap(f -> f.one("grant_type")).orElse("");
        if (!GrantRules.isCaller(caller, one.client())) {
            // A client id and a secret that do not belong together authenticate nobody.
            return new Outcome.Stranger(
                    new Authentication.Rejected("client_mismatch", caller.credential().id()));
        }
        try {
            if (form.isEmpty()) {
                throw new Narrowing.Impossible(
                        "invalid_request",
                        "send `application/x-www-form-urlencoded`, no parameter twice");
            }
            GrantRules.check(caller, one, form.get(), grant);
            return granted(caller, one, form.get(), grant, began);
        } catch (Narrowing.Impossible e) {
            return new Outcome.Denied(
                    caller, grant, e.code(), String.valueOf(e.getMessage()), Optional.empty());
        } catch (StoreUnavailableException e) {
            return new Outcome.Unavailable("key store");
        }
    }

    private Outcome granted(
            Principal caller, Offered.One one, TokenForm form, String grant, long began)
            throws Narrowing.Impossible {
        boolean fromToken = caller.credential().kind() == Credential.Kind.ATLAS_TOKEN;
        Optional<Claims> parent = fromToken ? Optional.of(claims(one)) : Optional.empty();
        Narrowing narrowed =
                Narrowing.of(
                        form,
                        caller,
                        parent.map(Claims::audiences)
                                .orElse(
                                        List.of(
                                                Presented.Request.GATEWAY,
                                                Presented.Request.CONTROL)));
        Optional<String> dpop = parent.flatMap(claims -> claims.binding().dpop());
        if (dpop.isEmpty() && !one.presented().proofs().isEmpty()) {
            switch (prove(one.presented())) {
                case Proofs.Verdict.Proven(String thumbprint) -> dpop = Optional.of(thumbprint);
                case Proofs.Verdict.NonceNeeded(String nonce) -> {
                    return new Outcome.Denied(
                            caller, grant, "use_dpop_nonce", NONCE_NEEDED, Optional.of(nonce));
                }
                case Proofs.Verdict.Full _ -> {
                    return new Outcome.Unavailable("memory of proofs");
                }
            }
        }
        Order order =
                new Order(
                        caller,
                        caller.id(),
                        narrowed.audiences(),
                        narrowed.roles(),
                        narrowed.models(),
                        rests(caller, parent),
                        parent.map(Claims::sources).orElseGet(() -> sources(caller)),
                        new Claims.Binding(certificate(one.presented(), parent), dpop),
                        one.presented().request().source());
        return switch (giver.give(order, began)) {
            case Signing.Answer.Signed(Issued issued) ->
                    new Outcome.Granted(
                            caller,
                            grant,
                            issued,
                            dpop.isPresent() ? "DPoP" : "Bearer",
                            narrowed.scope());
            case Signing.Answer.Refused(String code, String message) ->
                    new Outcome.Denied(caller, grant, code, message, Optional.empty());
            case Signing.Answer.Ended(String reason) ->
                    new Outcome.Stranger(
                            new Authentication.Rejected(reason, caller.credential().id()));
            case Signing.Answer.Away(String what) -> new Outcome.Unavailable(what);
        };
    }

    private Claims claims(Offered.One one) throws Narrowing.Impossible {
        try {
            return verifier.claims(one.token());
        } catch (TokenFault e) {
            throw new Narrowing.Impossible("invalid_request", "the token has just ended");
        }
    }

    private Proofs.Verdict prove(Presented presented) throws Narrowing.Impossible {
        try {
            return verifier.proofs()
                    .judge(
                            presented.proofs().getFirst(),
                            presented.request(),
                            Optional.empty(),
                            Optional.empty());
        } catch (TokenFault e) {
            throw new Narrowing.Impossible(
                    "invalid_dpop_proof",
                    "the proof in the `DPoP` header does not hold: " + e.reason());
        }
    }

    /** A bound token begets bound tokens only; a certificate shown now binds in any case. */
    private static Optional<String> certificate(Presented presented, Optional<Claims> parent)
            throws Narrowing.Impossible {
        if (presented.peer().isEmpty()) {
            return parent.flatMap(claims -> claims.binding().certificate());
        }
        try {
            return Optional.of(TokenVerifier.thumbprint(presented.peer().getFirst()));
        } catch (TokenFault e) {
            throw new Narrowing.Impossible("invalid_request", "the certificate cannot be read");
        }
    }

    private List<Cidr> sources(Principal caller) {
        return caller.credential()
                .key()
                .flatMap(keys::limits)
                .map(KeyLimits::sources)
                .orElse(List.of());
    }

    private static List<String> rests(Principal caller, Optional<Claims> parent)
            throws Narrowing.Impossible {
        List<String> rests = new ArrayList<>(AtlasTokens.restsOn(caller.credential()));
        parent.ifPresent(claims ->
                claims.rests().stream().filter(r -> !rests.contains(r)).forEach(rests::add));
        if (rests.size() > Claims.MAX_RESTS) {
            throw new Narrowing.Impossible(
                    "invalid_request",
                    "this token is the result of too many exchanges; start again from the first"
                            + " credential");
        }
        return rests;
    }
}
