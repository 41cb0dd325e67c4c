package atlas.cli;

import atlas.control.ControlParts;
import atlas.control.LoginConfig;
import atlas.control.TrustRoot;
import atlas.identity.ApiKeys;
import atlas.identity.Authenticator;
import atlas.identity.Authenticator.OwnTokens;
import atlas.identity.IdentityConfig;
import atlas.identity.JwksFetcher;
import atlas.identity.JwtIssuers;
import atlas.identity.WorkloadTrust;
import atlas.identity.oidc.RelyingParty;
import atlas.identity.revocation.Revocations;
import atlas.identity.saml.SamlConfig;
import atlas.identity.saml.SamlServiceProvider;
import atlas.identity.token.AtlasTokens;
import atlas.runtime.Lifecycle;
import java.time.Clock;
import java.util.List;
import java.util.Optional;

/**
 * Who is believed, as {@code atlas.yaml} says: issuers, workloads, and providers to sign in with.
 */
record Believed(Authenticator authenticator, AtlasTokens tokens, ControlParts.Login login) {

    static Believed open(
            Settings settings,
            TrustRoot trust,
            WorkloadIdentities identities,
            Clock clock,
            Lifecycle parts) {
        IdentityConfig identity = Installation.identity(settings);
        LoginConfig login = settings.section("login", LoginConfig.class, LoginConfig.defaults());
        try {
            JwksFetcher channel = parts.own(identity.jwksFetcher());
            JwtIssuers issuers = parts.own(new JwtIssuers(identity.jwtIssuers(), channel, clock));
            List<RelyingParty> providers =
                    login.oidc().stream()
                            .map(p -> new RelyingParty(p.checked(), issuers, channel, clock))
                            .toList();
            AtlasTokens tokens = tokens(identity, trust, clock);
            return new Believed(
                    authenticator(
                            identity,
                            issuers,
                            trust.apiKeys(),
                            identities,
                            new Tokens(tokens, trust.revocations()),
                            clock),
                    tokens,
                    new ControlParts.Login(login, providers, saml(settings, trust, clock, parts)));
        } catch (IllegalArgumentException e) {
            throw Stop.usage("the configuration is not accepted: " + e.getMessage());
        }
    }

    /** Tokens of ours, and what is taken back. */
    record Tokens(OwnTokens own, Revocations revocations) {}

    /** As a gateway of its own believes: no providers to sign in with. */
    static Authenticator alone(
            Settings settings,
            ApiKeys keys,
            WorkloadIdentities identities,
            Tokens tokens,
            Clock clock,
            Lifecycle parts) {
        IdentityConfig identity = Installation.identity(settings);
        try {
            JwksFetcher channel = parts.own(identity.jwksFetcher());
            JwtIssuers issuers = parts.own(new JwtIssuers(identity.jwtIssuers(), channel, clock));
            return authenticator(identity, issuers, keys, identities, tokens, clock);
        } catch (IllegalArgumentException e) {
            throw Stop.usage("the configuration is not accepted: " + e.getMessage());
        }
    }

    private static Authenticator authenticator(
            IdentityConfig identity,
            JwtIssuers issuers,
            ApiKeys keys,
            WorkloadIdentities identities,
            Tokens tokens,
            Clock clock) {
        WorkloadTrust workloads =
                new WorkloadTrust(identities::bundles, identity.workloadGrants(), clock);
        return new Authenticator(keys, issuers, workloads, tokens.own, tokens.revocations, clock);
    }

    private static AtlasTokens tokens(IdentityConfig identity, TrustRoot trust, Clock clock) {
        IdentityConfig.Tokens given = identity.tokens();
        String issuer = given.issuer().orElse("https://" + trust.trustDomain());
        if (identity.jwtIssuers().stream().anyMatch(other -> other.issuer().equals(issuer))) {
            throw new IllegalArgumentException(
                    "`identity.issuers` names the issuer of our own tokens, `" + issuer + "`");
        }
        return new AtlasTokens(
                new AtlasTokens.Rules(issuer, given.lifetime(), given.rotation()),
                trust.tokenKeys(),
                trust.revocations(),
                clock);
    }

    private static Optional<SamlServiceProvider> saml(
            Settings settings, TrustRoot trust, Clock clock, Lifecycle parts) {
        SamlConfig config = settings.section("saml", SamlConfig.class, SamlConfig.defaults());
        return config.enabled()
                ? Optional.of(parts.own(trust.saml(config, clock)))
                : Optional.empty();
    }
}
