package atlas.gateway;

import atlas.identity.ApiKeys;
import atlas.identity.Authenticator;
import atlas.identity.CertificateAuthority;
import atlas.identity.JwtIssuers;
import atlas.identity.WorkloadTrust;
import atlas.identity.WorkloadTrust.WorkloadGrant;
import atlas.identity.revocation.Revocations;
import atlas.identity.token.AtlasTokens;
import atlas.identity.token.TokenExchange;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Who is believed in a test, tokens of our own among them, and who gives these. */
record TestTokens(Authenticator authenticator, GatewayParts.Tokens tokens) {

    static TestTokens of(
            ApiKeys keys,
            CertificateAuthority authority,
            List<WorkloadGrant> grants,
            Revocations revocations,
            Clock clock) {
        AtlasTokens issuer =
                new AtlasTokens(
                        AtlasTokens.Rules.of("https://atlas.test"),
                        new InMemory(),
                        revocations,
                        clock);
        Authenticator authenticator =
                new Authenticator(
                        keys,
                        new JwtIssuers(List.of(), _ -> new byte[0], clock),
                        new WorkloadTrust(
                                List.of(authority.root()), authority.trustDomain(), grants, clock),
                        issuer,
                        revocations,
                        clock);
        return new TestTokens(
                authenticator,
                new GatewayParts.Tokens(
                        new TokenExchange(authenticator, issuer, keys), issuer::published));
    }

    /** Keeps signing keys for as long as the test. */
    private static final class InMemory implements AtlasTokens.Keeping {
        private byte @Nullable [] kept;

        @Override
        public Optional<byte[]> read() {
            return Optional.ofNullable(kept);
        }

        @Override
        public void write(byte[] keys, String change, String keyId) {
            kept = keys.clone();
        }
    }
}
