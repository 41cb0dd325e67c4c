package atlas.identity;

import atlas.core.Principal;
import atlas.core.Sensitive;
import atlas.core.WorkloadId;
import atlas.identity.Authentication.Authenticated;
import atlas.identity.Authentication.NonceNeeded;
import atlas.identity.Authentication.Rejected;
import atlas.identity.Authentication.Unavailable;
import atlas.identity.revocation.Revocations;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;

/**
 * Decides who is calling, from exactly one credential.
 *
 * <ul>
 *   <li>Nothing presented is rejected; there is no anonymous caller.
 *   <li>A bearer token and an {@code x-api-key} on one request are rejected, even when they are the
 *       same text, and so is one of these headers sent twice: two parts of a system must never read
 *       two callers out of one request.
 *   <li>The scheme, and the form of the text, say which kind it is, and only that kind is tried.
 *   <li>A client certificate beside a token is the identity of the channel. It must hold, or the
 *       request is rejected; it adds no role; the token's principal carries its SPIFFE ID. A
 *       certificate by itself authenticates its workload.
 * </ul>
 *
 * <p>Never throws to say no. Thread-safe; blocks only where a key store or an issuer does, for a
 * bounded time.
 */
public final class Authenticator {
    private static final int MAX_TOKEN = 16 << 10;

    /**
     * Tokens that this installation issued, as the authenticator asks about them. Thread-safe;
     * never asks a store.
     */
    public interface OwnTokens {

        /** How closely a token that was sent is looked at. */
        enum Look {
            /**
             * As a request arrives: with a fresh proof of possession, if the token is bound to one.
             */
            ARRIVING,
            /**
             * As the subject of an exchange: no scheme tells whether it is bound; its claims do.
             */
            IN_BODY,
            /**
             * While its request is under way: the proof was judged, and used up, when it arrived.
             */
            UNDER_WAY
        }

        /**
         * Checks a token; empty when another issuer's name is in it, so that somebody else is
         * asked.
         *
         * @param dpop whether it was sent under the DPoP scheme
         */
        Optional<Authentication> authenticate(
                Sensitive<String> token, boolean dpop, Presented presented, Look look);

        /** Where no tokens are issued. */
        static OwnTokens none() {
            return (_, _, _, _) -> Optional.empty();
        }
    }

    private final ApiKeys keys;
    private final JwtIssuers issuers;
    private final WorkloadTrust workloads;
    private final OwnTokens own;
    private final Revocations revocations;
    private final Clock clock;

    public Authenticator(
            ApiKeys keys,
            JwtIssuers issuers,
            WorkloadTrust workloads,
            OwnTokens own,
            Revocations revocations,
            Clock clock) {
        this.keys = keys;
        this.issuers = issuers;
        this.workloads = workloads;
        this.own = own;
        this.revocations = revocations;
        this.clock = clock;
    }

    /** One for an installation that issues no tokens and revokes nothing but keys. */
    public Authenticator(ApiKeys keys, JwtIssuers issuers, WorkloadTrust workloads, Clock clock) {
        this(keys, issuers, workloads, OwnTokens.none(), Revocations.unkept(clock), clock);
    }

    /** Checks what was presented. */
    public Authentication authenticate(Presented presented) {
        return authenticate(presented, OwnTokens.Look.ARRIVING);
    }

    /**
     * Checks what is to be exchanged for another token: as {@link #authenticate}, but a bound token
     * stands in a form, where no scheme says so.
     */
    public Authentication subject(Presented presented) {
        return authenticate(presented, OwnTokens.Look.IN_BODY);
    }

    /**
     * Checks once more what was accepted before, while its request is under way: revoked and
     * expired credentials are rejected. A proof of possession is not asked for a second time.
     */
    public Authentication again(Presented presented) {
        return authenticate(presented, OwnTokens.Look.UNDER_WAY);
    }

    /**
     * Runs {@code listener} after every change by which {@link #again} may say something else than
     * before. The listener must not block and does not throw.
     */
    public void onChange(Runnable listener) {
        keys.onChange(listener);
        revocations.onChange(_ -> listener.run());
    }

    /** What a key may use, as {@link ApiKeys#limits}. */
    public Optional<KeyLimits> limits(String keyId) {
        return keys.limits(keyId);
    }

    private Authentication authenticate(Presented presented, OwnTokens.Look look) {
        return switch (Offer.read(presented)) {
            case Offer.Reading.Unclear(String reason, String hint) -> new Rejected(reason, hint);
            case Offer.Reading.One(Optional<Offer> offer) -> authenticate(presented, offer, look);
        };
    }

    private Authentication authenticate(
            Presented presented, Optional<Offer> offer, OwnTokens.Look look) {
        Optional<Svid> channel = Optional.empty();
        if (!presented.peer().isEmpty()) {
            switch (workloads.identify(presented.peer())) {
                case WorkloadTrust.Outcome.Fails fails -> {
                    return fails.why();
                }
                case WorkloadTrust.Outcome.Holds holds -> channel = Optional.of(holds.svid());
            }
        }
        Authentication outcome;
        if (offer.isPresent()) {
            outcome = check(offer.get(), presented, look);
        } else if (channel.isPresent()) {
            outcome = workloads.admit(channel.get());
        } else {
            return new Rejected("no_credential", "");
        }
        return finish(outcome, channel.map(Svid::id));
    }

    private Authentication check(Offer offer, Presented presented, OwnTokens.Look look) {
        Sensitive<String> text = offer.text();
        return switch (offer.scheme()) {
            case API_KEY -> key(text, presented, look);
            case BEARER -> token(text, false, presented, look);
            case DPOP ->
                    // RFC 9449 §7.1: what is sent as bound must be bound; a key never is.
                    text.reveal().startsWith(KeyText.PREFIX)
                            ? new Rejected("dpop_without_token", "api key")
                            : token(text, true, presented, look);
        };
    }

    private Authentication key(Sensitive<String> key, Presented presented, OwnTokens.Look look) {
        boolean arriving = look != OwnTokens.Look.UNDER_WAY;
        return keys.authenticate(key, presented.request().source(), arriving);
    }

    private Authentication token(
            Sensitive<String> token, boolean dpop, Presented presented, OwnTokens.Look look) {
        String text = token.reveal();
        if (text.isEmpty() || text.length() > MAX_TOKEN) {
            return new Rejected("token_size", "bearer token of " + text.length() + " characters");
        }
        if (text.startsWith(KeyText.PREFIX)) {
            return key(token, presented, look);
        }
        Optional<Authentication> ours = own.authenticate(token, dpop, presented, look);
        if (ours.isPresent()) {
            return ours.get();
        }
        if (dpop) {
            return new Rejected("dpop_without_token", "jwt");
        }
        return look == OwnTokens.Look.UNDER_WAY
                ? issuers.again(token)
                : issuers.authenticate(token);
    }

    // INVARIANT: no credential is handed on that has already ended, whichever room checked it.
    private Authentication finish(Authentication outcome, Optional<WorkloadId> channel) {
        return switch (outcome) {
            case Authenticated(Principal principal) -> {
                Instant now = clock.instant();
                if (!now.isBefore(principal.credential().expires())) {
                    yield new Rejected("credential_expired", principal.credential().id());
                }
                if (!revocations.current(now)) {
                    yield new Unavailable("revocations");
                }
                if (revoked(principal)) {
                    yield new Rejected("principal_revoked", principal.credential().id());
                }
                yield channel.isPresent() && principal.credential().workload().isEmpty()
                        ? new Authenticated(principal.over(channel.get()))
                        : outcome;
            }
            case Rejected rejected -> rejected;
            case NonceNeeded needed -> needed;
            case Unavailable unavailable -> unavailable;
        };
    }

    // A token of ours was judged by everything it rests on when it was checked.
    private boolean revoked(Principal principal) {
        Principal.Credential credential = principal.credential();
        return credential.kind() != Principal.Credential.Kind.ATLAS_TOKEN
                && revocations
                        .ending(principal.tenant(), principal.id(), credential.issued())
                        .isPresent();
    }
}
