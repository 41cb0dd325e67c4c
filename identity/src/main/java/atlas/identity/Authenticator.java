package atlas.identity;

import atlas.core.Principal;
import atlas.core.Sensitive;
import atlas.core.WorkloadId;
import atlas.identity.Authentication.Authenticated;
import atlas.identity.Authentication.Rejected;
import atlas.identity.Authentication.Unavailable;
import java.time.Clock;
import java.util.Optional;

/**
 * Decides who is calling, from exactly one credential.
 *
 * <ul>
 *   <li>Nothing presented is rejected; there is no anonymous caller.
 *   <li>A bearer token and an {@code x-api-key} on one request are rejected, even when they are the
 *       same text: two parts of a system must never read two callers out of one request.
 *   <li>The form of the text says which kind it is, and only that kind is tried.
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

    private final ApiKeys keys;
    private final JwtIssuers issuers;
    private final WorkloadTrust workloads;
    private final Clock clock;

    public Authenticator(ApiKeys keys, JwtIssuers issuers, WorkloadTrust workloads, Clock clock) {
        this.keys = keys;
        this.issuers = issuers;
        this.workloads = workloads;
        this.clock = clock;
    }

    /** Checks what was presented. */
    public Authentication authenticate(Presented presented) {
        if (presented.bearer().isPresent() && presented.apiKey().isPresent()) {
            return new Rejected("two_credentials", "authorization and x-api-key");
        }
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
        if (presented.bearer().isPresent()) {
            outcome = bearer(presented.bearer().get());
        } else if (presented.apiKey().isPresent()) {
            outcome = apiKey(presented.apiKey().get());
        } else if (channel.isPresent()) {
            outcome = workloads.admit(channel.get());
        } else {
            return new Rejected("no_credential", "");
        }
        return finish(outcome, channel.map(Svid::id));
    }

    private Authentication bearer(Sensitive<String> token) {
        String text = token.reveal();
        if (text.isEmpty() || text.length() > MAX_TOKEN) {
            return new Rejected("token_size", "bearer token of " + text.length() + " characters");
        }
        if (text.startsWith(KeyText.PREFIX)) {
            return keys.authenticate(token, "", true);
        }
        return issuers.authenticate(token);
    }

    private Authentication apiKey(Sensitive<String> key) {
        return keys.authenticate(key, "", true);
    }

    // INVARIANT: no credential is handed on that has already ended, whichever room checked it.
    private Authentication finish(Authentication outcome, Optional<WorkloadId> channel) {
        return switch (outcome) {
            case Authenticated(Principal principal) -> {
                if (!clock.instant().isBefore(principal.credential().expires())) {
                    yield new Rejected("credential_expired", principal.credential().id());
                }
                yield channel.isPresent() && principal.credential().workload().isEmpty()
                        ? new Authenticated(principal.over(channel.get()))
                        : outcome;
            }
            case Rejected rejected -> rejected;
            case Unavailable unavailable -> unavailable;
        };
    }
}
