package atlas.control;

import atlas.identity.Authenticator;
import atlas.identity.JwtIssuers;
import atlas.identity.WorkloadTrust;
import atlas.identity.token.AtlasTokens;
import java.io.IOException;
import java.time.Clock;
import java.util.List;

/** Parts of a process over a trust root, as a launcher puts them together. */
final class TestParts {
    private TestParts() {}

    static AtlasTokens tokens(TrustRoot root, Clock clock) {
        return new AtlasTokens(
                AtlasTokens.Rules.of("https://" + root.trustDomain()),
                root.tokenKeys(),
                root.revocations(),
                clock);
    }

    static Authenticator authenticator(TrustRoot root, Clock clock) {
        return authenticator(root, tokens(root, clock), clock);
    }

    static Authenticator authenticator(TrustRoot root, AtlasTokens tokens, Clock clock) {
        return new Authenticator(
                root.apiKeys(),
                new JwtIssuers(
                        List.of(),
                        place -> {
                            throw new IOException("no issuer is configured");
                        },
                        clock),
                new WorkloadTrust(
                        List.of(root.rootCertificate()), root.trustDomain(), List.of(), clock),
                tokens,
                root.revocations(),
                clock);
    }
}
