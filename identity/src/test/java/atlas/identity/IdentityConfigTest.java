package atlas.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.core.Role;
import atlas.identity.IdentityConfig.Issuer;
import atlas.identity.IdentityConfig.Workload;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdentityConfigTest {
    @TempDir Path folder;

    private static Issuer issuer(String name, Set<String> audiences, Set<String> algorithms) {
        return new Issuer(
                name,
                Optional.empty(),
                audiences,
                algorithms,
                Optional.empty(),
                Optional.of("roles"),
                Map.of("ai", Role.CONSUMER),
                Optional.empty(),
                Optional.empty(),
                Map.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Set.of(),
                Optional.empty(),
                List.of());
    }

    private static IdentityConfig with(Issuer issuer, Optional<Path> trust) {
        return new IdentityConfig(
                List.of(issuer),
                trust,
                List.of(),
                IdentityConfig.Keys.defaults(),
                IdentityConfig.Tokens.defaults());
    }

    @Test
    void believesNobodyUnlessTold() {
        assertThat(IdentityConfig.defaults().jwtIssuers()).isEmpty();
        assertThat(IdentityConfig.defaults().workloadGrants()).isEmpty();
    }

    @Test
    void fillsInWhatIsSafe() {
        JwtIssuerConfig config =
                with(issuer("https://idp.example", Set.of("atlas"), Set.of()), Optional.empty())
                        .jwtIssuers()
                        .getFirst();
        assertThat(config.algorithms()).containsExactlyInAnyOrder("ES256", "RS256");
        assertThat(config.skew()).isEqualTo(Duration.ofSeconds(30));
        assertThat(config.mapping().principalClaim()).isEqualTo("sub");
        assertThat(config.mapping().tenant()).isEqualTo("default");
        Workload workload =
                new Workload(
                        "spiffe://td/app/*",
                        Set.of(Role.CONSUMER),
                        List.of("tiny*"),
                        Optional.empty());
        IdentityConfig second =
                new IdentityConfig(
                        List.of(),
                        Optional.empty(),
                        List.of(workload),
                        IdentityConfig.Keys.defaults(),
                        IdentityConfig.Tokens.defaults());
        assertThat(second.workloadGrants().getFirst().tenant()).isEqualTo("default");
        assertThat(second.workloadGrants().getFirst().spiffeId().matches("spiffe://td/app/x"))
                .isTrue();
    }

    @Test
    void refusesWhatTrustsTooMuch() {
        assertThatThrownBy(() ->
                        with(issuer("https://idp.example", Set.of(), Set.of()), Optional.empty())
                                .jwtIssuers())
                .hasMessageContaining("names no audience");
        assertThatThrownBy(() ->
                        with(issuer("http://idp.example", Set.of("a"), Set.of()), Optional.empty())
                                .jwtIssuers())
                .hasMessageContaining("is not https");
    }

    @Test
    void needsAnchorsItCanRead() throws Exception {
        Path file = folder.resolve("idp.pem");
        Issuer issuer = issuer("https://idp.example", Set.of("atlas"), Set.of());
        IdentityConfig config = with(issuer, Optional.of(file));
        assertThatThrownBy(config::jwksFetcher)
                .isInstanceOf(IdentityException.class)
                .hasMessageContaining("cannot be read");
        Files.writeString(file, "nothing");
        assertThatThrownBy(config::jwksFetcher).isInstanceOf(IdentityException.class);
        CertificateAuthority authority = CertificateAuthority.create("td", new SettableClock());
        Files.writeString(file, Pem.certificates(List.of(authority.root())));
        config.jwksFetcher().close();
    }
}
