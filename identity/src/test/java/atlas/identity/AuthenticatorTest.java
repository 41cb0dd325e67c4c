package atlas.identity;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.core.Glob;
import atlas.core.Principal;
import atlas.core.Role;
import atlas.core.Sensitive;
import atlas.core.WorkloadId;
import atlas.identity.ApiKeys.KeyRequest;
import atlas.identity.Authentication.Authenticated;
import atlas.identity.Authentication.Rejected;
import atlas.identity.TestCertificates.Leaf;
import atlas.identity.WorkloadTrust.WorkloadGrant;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AuthenticatorTest {
    private static final String APP = "spiffe://atlas.local/app";

    private final SettableClock clock = new SettableClock();
    private final TestIssuer issuer = new TestIssuer(clock);
    private final ApiKeys keys =
            new ApiKeys(new MemoryApiKeyStore(), Sensitive.of(new byte[32]), clock);
    private final JwtIssuers issuers =
            new JwtIssuers(List.of(TestIssuer.config()), issuer, clock, false);
    private final Sensitive<String> key =
            keys.issue(
                            new KeyRequest(
                                    "alice",
                                    Principal.Kind.HUMAN,
                                    "default",
                                    Set.of(Role.CONSUMER),
                                    List.of(new Glob("*")),
                                    Duration.ofDays(1),
                                    ""))
                    .secret();
    private final Sensitive<String> token = TestIssuer.signed(issuer.claims().build());
    private final TestCertificates certificates;
    private final Authenticator authenticator;

    AuthenticatorTest() throws Exception {
        certificates = new TestCertificates(clock.instant());
        WorkloadTrust workloads =
                new WorkloadTrust(
                        List.of(certificates.anchor),
                        "atlas.local",
                        List.of(
                                new WorkloadGrant(
                                        new Glob(APP),
                                        Set.of(Role.OPERATOR),
                                        List.of(),
                                        "default")),
                        clock);
        authenticator = new Authenticator(keys, issuers, workloads, clock);
    }

    @AfterEach
    void close() {
        issuers.close();
    }

    private Authentication present(
            Optional<Sensitive<String>> bearer,
            Optional<Sensitive<String>> apiKey,
            List<X509Certificate> peer) {
        return present(
                bearer.map(text -> List.of("Bearer " + text.reveal())).orElse(List.of()),
                apiKey.map(text -> List.of(text.reveal())).orElse(List.of()),
                List.of(),
                peer);
    }

    private Authentication present(
            List<String> authorization,
            List<String> apiKey,
            List<String> dpop,
            List<X509Certificate> peer) {
        Map<String, List<String>> headers =
                Map.of("authorization", authorization, "x-api-key", apiKey, "dpop", dpop);
        Presented.Request request =
                new Presented.Request(
                        Presented.Request.GATEWAY, "POST", "localhost", "/v1/x", "192.0.2.1");
        return authenticator.authenticate(Presented.read(headers::get, peer, request));
    }

    private Authentication bearer(String text) {
        return present(Optional.of(Sensitive.of(text)), Optional.empty(), List.of());
    }

    private static Principal accepted(Authentication outcome) {
        assertThat(outcome).isInstanceOf(Authenticated.class);
        return ((Authenticated) outcome).principal();
    }

    private static void rejected(Authentication outcome, String reason) {
        assertThat(outcome).isInstanceOf(Rejected.class);
        assertThat(((Rejected) outcome).reason()).isEqualTo(reason);
    }

    @Test
    void knowsNobodyWithoutACredential() {
        rejected(present(Optional.empty(), Optional.empty(), List.of()), "no_credential");
    }

    @Test
    void acceptsEachKindByItself() throws Exception {
        assertThat(accepted(bearer(key.reveal())).id()).isEqualTo("alice");
        assertThat(accepted(present(Optional.empty(), Optional.of(key), List.of())).id())
                .isEqualTo("alice");
        assertThat(accepted(bearer(token.reveal())).id()).endsWith("#alice");
        Principal workload =
                accepted(
                        present(
                                Optional.empty(),
                                Optional.empty(),
                                certificates.chain(Leaf.naming(APP))));
        assertThat(workload.id()).isEqualTo(APP);
        assertThat(workload.roles()).containsExactly(Role.OPERATOR);
    }

    @Test
    void refusesTwoCredentialsEvenWhenTheyAreTheSame() {
        rejected(present(Optional.of(key), Optional.of(key), List.of()), "two_credentials");
        rejected(present(Optional.of(token), Optional.of(key), List.of()), "two_credentials");
        Sensitive<String> empty = Sensitive.of("");
        rejected(present(Optional.of(key), Optional.of(empty), List.of()), "two_credentials");
        rejected(present(Optional.of(empty), Optional.of(key), List.of()), "two_credentials");
    }

    @Test
    void refusesOneHeaderSentTwiceAndSchemesItDoesNotKnow() {
        String good = "Bearer " + key.reveal();
        rejected(present(List.of(good, good), List.of(), List.of(), List.of()), "two_credentials");
        rejected(
                present(List.of(), List.of(key.reveal(), key.reveal()), List.of(), List.of()),
                "two_credentials");
        rejected(present(List.of(good), List.of(), List.of("a", "b"), List.of()), "two_proofs");
        for (String other :
                List.of("Basic YTpi", "Bearer", "Bearer\t" + key.reveal(), key.reveal(), "")) {
            rejected(
                    present(List.of(other), List.of(), List.of(), List.of()),
                    "authorization_scheme");
        }
        rejected(
                present(List.of("DPoP " + key.reveal()), List.of(), List.of("p"), List.of()),
                "dpop_without_token");
        rejected(
                present(List.of("dpop " + token.reveal()), List.of(), List.of("p"), List.of()),
                "dpop_without_token");
    }

    @Test
    void neverTriesAnotherKindWhenTheFirstFails() throws Exception {
        List<X509Certificate> peer = certificates.chain(Leaf.naming(APP));
        Sensitive<String> wrong = Sensitive.of("atlas_not-a-key");
        rejected(present(Optional.of(wrong), Optional.empty(), peer), "key_malformed");
        rejected(present(Optional.empty(), Optional.of(wrong), peer), "key_malformed");
        // A token is not looked for where keys are presented.
        rejected(present(Optional.empty(), Optional.of(token), List.of()), "key_malformed");
        rejected(present(Optional.of(Sensitive.of("")), Optional.empty(), peer), "token_size");
    }

    @Test
    void aCertificateBesideAKeyAddsAChannelAndNoRole() throws Exception {
        List<X509Certificate> peer = certificates.chain(Leaf.naming(APP));
        Principal caller = accepted(present(Optional.of(key), Optional.empty(), peer));
        assertThat(caller.id()).isEqualTo("alice");
        assertThat(caller.roles()).containsExactly(Role.CONSUMER);
        assertThat(caller.credential().kind()).isEqualTo(Principal.Credential.Kind.API_KEY);
        assertThat(caller.credential().workload()).contains(WorkloadId.parse(APP));
    }

    @Test
    void aBadCertificateSpoilsAGoodKey() throws Exception {
        List<X509Certificate> peer = certificates.chain(Leaf.naming("spiffe://evil.example/app"));
        rejected(present(Optional.of(key), Optional.empty(), peer), "trust_domain_foreign");
    }

    @Test
    void refusesTokensOfAbsurdSize() {
        rejected(bearer("a.b.".repeat(100_000)), "token_size");
        rejected(
                present(
                        Optional.empty(),
                        Optional.of(Sensitive.of("atlas_".repeat(100_000))),
                        List.of()),
                "key_malformed");
    }

    @Test
    void readsTheTextExactly() {
        for (String text :
                List.of(
                        "Bearer " + key.reveal(),
                        "\t" + key.reveal() + " x",
                        key.reveal() + " " + key.reveal(),
                        key.reveal() + "," + key.reveal(),
                        key.reveal() + "\0")) {
            assertThat(bearer(text)).as("`%s`", text).isInstanceOf(Rejected.class);
        }
    }

    @Test
    void knowsASchemeInAnySpellingWithAnySpacesAfterIt() {
        for (String text : List.of("bearer ", "BEARER  ", "Bearer    ")) {
            accepted(present(List.of(text + key.reveal() + " "), List.of(), List.of(), List.of()));
        }
    }

    @Test
    void noRefusalRepeatsASecret() {
        KeyText parts = KeyText.parse(key.reveal()).orElseThrow();
        String other = KeyText.random(new java.security.SecureRandom()).secret();
        for (String text :
                List.of(
                        new KeyText(parts.id(), other).text(),
                        key.reveal().substring(0, 60),
                        token.reveal() + "x",
                        "hunter2",
                        "sk-" + other)) {
            Authentication outcome = bearer(text);
            assertThat(outcome).isInstanceOf(Rejected.class);
            assertThat(outcome.toString()).doesNotContain(other, "hunter2", parts.secret());
            assertThat(outcome.toString()).doesNotContain(token.reveal().substring(0, 40));
        }
    }
}
