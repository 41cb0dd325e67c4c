package atlas.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.core.Glob;
import atlas.core.Principal;
import atlas.core.Role;
import atlas.core.Sensitive;
import atlas.identity.Authentication.Authenticated;
import atlas.identity.Authentication.Rejected;
import atlas.identity.JwtIssuerConfig.Mapping;
import atlas.identity.JwtIssuerConfig.SubjectRule;
import com.nimbusds.jwt.JWTClaimsSet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Whom tokens of people, services and workloads name, by configuration. */
class FederationTest {
    private static final String ACCOUNT = "system:serviceaccount:ml:embedder";

    private final SettableClock clock = new SettableClock();
    private final TestIssuer issuer = new TestIssuer(clock);

    private Authentication check(Mapping mapping, JWTClaimsSet claims) {
        JwtIssuerConfig config =
                new JwtIssuerConfig(
                        TestIssuer.NAME,
                        Optional.of(TestIssuer.KEYS),
                        Set.of("atlas"),
                        Set.of("ES256"),
                        Duration.ofSeconds(30),
                        Set.of(),
                        false,
                        mapping);
        try (JwtIssuers issuers = new JwtIssuers(List.of(config), issuer, clock, false)) {
            return issuers.authenticate(TestIssuer.signed(claims));
        }
    }

    private Principal accepted(Mapping mapping, JWTClaimsSet.Builder claims) {
        Authentication outcome = check(mapping, claims.build());
        assertThat(outcome).isInstanceOf(Authenticated.class);
        return ((Authenticated) outcome).principal();
    }

    private String refused(Mapping mapping, JWTClaimsSet.Builder claims) {
        Authentication outcome = check(mapping, claims.build());
        assertThat(outcome).isInstanceOf(Rejected.class);
        return ((Rejected) outcome).reason();
    }

    private static Mapping subjects(SubjectRule... rules) {
        return new Mapping(
                Optional.empty(),
                Map.of(),
                Optional.empty(),
                Optional.empty(),
                Map.of(),
                "sub",
                Principal.Kind.HUMAN,
                "default",
                List.of(rules));
    }

    private static SubjectRule rule(String subject, Map<String, Glob> claims) {
        return new SubjectRule(
                new Glob(subject),
                claims,
                Principal.Kind.WORKLOAD,
                Set.of(Role.CONSUMER),
                List.of(new Glob("embed*")));
    }

    @Test
    void aServiceAccountOfANamespaceIsAWorkloadWithItsRole() {
        Mapping kubernetes =
                subjects(
                        rule(
                                "system:serviceaccount:ml:*",
                                Map.of("kubernetes.io.namespace", new Glob("ml"))));
        JWTClaimsSet.Builder projected =
                issuer.claims()
                        .subject(ACCOUNT)
                        .claim(
                                "kubernetes.io",
                                Map.of(
                                        "namespace",
                                        "ml",
                                        "serviceaccount",
                                        Map.of("name", "embedder")));
        Principal workload = accepted(kubernetes, projected);
        assertThat(workload.id()).isEqualTo("oidc:" + TestIssuer.NAME + "#" + ACCOUNT);
        assertThat(workload.kind()).isEqualTo(Principal.Kind.WORKLOAD);
        assertThat(workload.roles()).containsExactly(Role.CONSUMER);
        assertThat(workload.models()).containsExactly(new Glob("embed*"));
        assertThat(
                        refused(
                                kubernetes,
                                issuer.claims()
                                        .subject(ACCOUNT)
                                        .claim("kubernetes.io", Map.of("namespace", "other"))))
                .isEqualTo("token_subject_unknown");
        assertThat(refused(kubernetes, issuer.claims().subject(ACCOUNT)))
                .isEqualTo("token_subject_unknown");
        assertThat(refused(kubernetes, issuer.claims().subject("system:serviceaccount:mlx:a")))
                .isEqualTo("token_subject_unknown");
    }

    @Test
    void aWorkflowOfOneRepositoryAndBranchMayWhatNoOtherMay() {
        Mapping workflows =
                subjects(
                        rule(
                                "repo:acme/models:*",
                                Map.of(
                                        "repository", new Glob("acme/models"),
                                        "ref", new Glob("refs/heads/main"),
                                        "ref_protected", new Glob("true"))));
        String subject = "repo:acme/models:ref:refs/heads/main";
        JWTClaimsSet.Builder good =
                issuer.claims()
                        .subject(subject)
                        .claim("repository", "acme/models")
                        .claim("ref", "refs/heads/main")
                        .claim("ref_protected", "true");
        assertThat(accepted(workflows, good).roles()).containsExactly(Role.CONSUMER);
        for (Map.Entry<String, String> other :
                Map.of(
                                "repository", "acme/models-fork",
                                "ref", "refs/heads/evil",
                                "ref_protected", "false")
                        .entrySet()) {
            JWTClaimsSet.Builder bad =
                    new JWTClaimsSet.Builder(good.build()).claim(other.getKey(), other.getValue());
            assertThat(refused(workflows, bad)).isEqualTo("token_subject_unknown");
        }
    }

    @Test
    void groupsAndAttributesAreCarriedAsAskedForAndGrantNothing() {
        Mapping mapping =
                new Mapping(
                        Optional.of("realm_access.roles"),
                        Map.of("ai-user", Role.CONSUMER),
                        Optional.empty(),
                        Optional.of("groups"),
                        Map.of("clearance", "https://idp.example/claims.clearance", "mfa", "mfa"),
                        "sub",
                        Principal.Kind.HUMAN,
                        "default",
                        List.of());
        Principal person =
                accepted(
                        mapping,
                        issuer.claims()
                                .claim("groups", List.of("research", "auditor"))
                                .claim("https://idp.example/claims.clearance", "secret")
                                .claim("mfa", true)
                                .claim("department", "not asked for"));
        assertThat(person.claims().groups()).containsExactlyInAnyOrder("research", "auditor");
        assertThat(person.claims().attributes())
                .isEqualTo(Map.of("clearance", "secret", "mfa", "true"));
        assertThat(person.roles()).containsExactly(Role.CONSUMER);
        List<String> many = new ArrayList<>();
        for (int i = 0; i < 201; i++) {
            many.add("group-" + i);
        }
        assertThat(refused(mapping, issuer.claims().claim("groups", many)))
                .isEqualTo("token_too_many_groups");
    }

    @Test
    void anAddressNobodyVerifiedNamesNobody() {
        Mapping byEmail =
                new Mapping(
                        Optional.of("realm_access.roles"),
                        Map.of("ai-user", Role.CONSUMER),
                        Optional.empty(),
                        Optional.empty(),
                        Map.of(),
                        "email",
                        Principal.Kind.HUMAN,
                        "default",
                        List.of());
        JWTClaimsSet.Builder claims = issuer.claims().claim("email", "root@acme.example");
        assertThat(refused(byEmail, claims)).isEqualTo("token_email_not_verified");
        assertThat(refused(byEmail, claims.claim("email_verified", "true")))
                .isEqualTo("token_email_not_verified");
        assertThat(accepted(byEmail, claims.claim("email_verified", true)).id())
                .endsWith("#root@acme.example");
    }

    @Test
    void aClientsOwnTokenIsAServiceWhereTheIssuerIsForServices() {
        Mapping services =
                new Mapping(
                        Optional.of("scope"),
                        Map.of("infer", Role.CONSUMER),
                        Optional.empty(),
                        Optional.empty(),
                        Map.of(),
                        "client_id",
                        Principal.Kind.SERVICE,
                        "default",
                        List.of());
        Principal service =
                accepted(
                        services,
                        issuer.claims().claim("client_id", "batch-7").claim("scope", "infer x"));
        assertThat(service.kind()).isEqualTo(Principal.Kind.SERVICE);
        assertThat(service.id()).endsWith("#batch-7");
        assertThat(service.roles()).containsExactly(Role.CONSUMER);
    }

    @Test
    void anIssuerOfTypedTokensIsTakenAtItsWord() {
        JwtIssuerConfig typed =
                new JwtIssuerConfig(
                        TestIssuer.NAME,
                        Optional.of(TestIssuer.KEYS),
                        Set.of("atlas"),
                        Set.of("ES256"),
                        Duration.ofSeconds(30),
                        Set.of("app"),
                        true,
                        TestIssuer.mapping());
        try (JwtIssuers issuers = new JwtIssuers(List.of(typed), issuer, clock, false)) {
            JWTClaimsSet claims = issuer.claims().claim("client_id", "app").build();
            Sensitive<String> said =
                    TestIssuer.sign(
                            TestIssuer.header(com.nimbusds.jose.JWSAlgorithm.ES256, TestIssuer.EC)
                                    .type(new com.nimbusds.jose.JOSEObjectType("at+jwt"))
                                    .build(),
                            claims,
                            TestIssuer.EC);
            assertThat(issuers.authenticate(said)).isInstanceOf(Authenticated.class);
            assertThat(issuers.authenticate(TestIssuer.signed(claims)))
                    .isInstanceOf(Rejected.class);
        }
    }

    @Test
    void aConfigurationThatGivesNobodyARoleIsRefused() {
        assertThatThrownBy(() ->
                        new IdentityConfig.Subject(
                                "*", Map.of(), Optional.empty(), Set.of(), List.of()))
                .hasMessageContaining("is given no role");
    }
}
