package atlas.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.core.Glob;
import atlas.core.Principal;
import atlas.core.Role;
import atlas.core.WorkloadId;
import atlas.identity.Authentication.Authenticated;
import atlas.identity.Authentication.Rejected;
import atlas.identity.TestCertificates.Leaf;
import atlas.identity.WorkloadTrust.Outcome;
import atlas.identity.WorkloadTrust.WorkloadGrant;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class WorkloadTrustTest {
    private static final String ID = "spiffe://atlas.local/app/search";

    private final SettableClock clock = new SettableClock();
    private Map<String, List<X509Certificate>> federatedBundles = Map.of();
    private final TestCertificates careless;
    private final WorkloadTrust trust;

    WorkloadTrustTest() throws Exception {
        careless = new TestCertificates(clock.instant());
        trust =
                new WorkloadTrust(
                        List.of(careless.anchor),
                        "atlas.local",
                        List.of(
                                grant("spiffe://atlas.local/app/*", Role.CONSUMER),
                                grant("spiffe://atlas.local/*", Role.OPERATOR)),
                        clock);
    }

    private static WorkloadGrant grant(String pattern, Role role) {
        return new WorkloadGrant(
                new Glob(pattern), Set.of(role), List.of(new Glob("tiny*")), "default");
    }

    private static String reason(Outcome outcome) {
        assertThat(outcome).isInstanceOf(Outcome.Fails.class);
        return ((Outcome.Fails) outcome).why().reason();
    }

    private static Svid svid(Outcome outcome) {
        assertThat(outcome).isInstanceOf(Outcome.Holds.class);
        return ((Outcome.Holds) outcome).svid();
    }

    private record Attack(String name, Leaf leaf, String reason) {}

    @TestFactory
    Stream<DynamicTest> refuses() {
        GeneralName otherUri =
                new GeneralName(GeneralName.uniformResourceIdentifier, "https://atlas.local/");
        return Stream.of(
                        new Attack(
                                "no name at all", Leaf.naming(), "certificate_without_spiffe_id"),
                        new Attack(
                                "a DNS name only",
                                Leaf.naming().also(new GeneralName(GeneralName.dNSName, "a.b")),
                                "certificate_without_spiffe_id"),
                        new Attack(
                                "two SPIFFE IDs",
                                Leaf.naming(ID, "spiffe://atlas.local/gateway"),
                                "certificate_with_two_uris"),
                        new Attack(
                                "a SPIFFE ID and another URI",
                                Leaf.naming(ID).also(otherUri),
                                "certificate_with_two_uris"),
                        new Attack(
                                "another trust domain",
                                Leaf.naming("spiffe://evil.example/app/search"),
                                "trust_domain_foreign"),
                        new Attack(
                                "a trust domain that ends like ours",
                                Leaf.naming("spiffe://x.atlas.local/app/search"),
                                "trust_domain_foreign"),
                        new Attack(
                                "a trust domain in capitals",
                                Leaf.naming("spiffe://ATLAS.LOCAL/app/search"),
                                "certificate_without_spiffe_id"),
                        new Attack(
                                "a path with dots",
                                Leaf.naming("spiffe://atlas.local/app/../gateway"),
                                "certificate_without_spiffe_id"),
                        new Attack(
                                "an encoded path",
                                Leaf.naming("spiffe://atlas.local/app%2fsearch"),
                                "certificate_without_spiffe_id"),
                        new Attack(
                                "a URI of another scheme",
                                Leaf.naming("https://atlas.local/app/search"),
                                "certificate_without_spiffe_id"),
                        new Attack(
                                "expired", Leaf.naming(ID).endingAfter(-1), "certificate_expired"),
                        new Attack(
                                "for servers",
                                Leaf.naming(ID).purpose(KeyPurposeId.id_kp_serverAuth),
                                "certificate_not_for_clients"),
                        new Attack(
                                "an authority",
                                Leaf.naming(ID).asAuthority(),
                                "certificate_is_authority"),
                        new Attack(
                                "not for signatures",
                                Leaf.naming(ID).usage(KeyUsage.keyEncipherment),
                                "certificate_key_usage"),
                        new Attack(
                                "that may sign certificates",
                                Leaf.naming(ID)
                                        .usage(KeyUsage.digitalSignature | KeyUsage.keyCertSign),
                                "certificate_key_usage"))
                .map(attack -> DynamicTest.dynamicTest(attack.name, () -> refuse(attack)));
    }

    private void refuse(Attack attack) throws Exception {
        assertThat(reason(trust.identify(careless.chain(attack.leaf)))).isEqualTo(attack.reason);
    }

    @Test
    void identifiesAndAdmitsByTheFirstGrantThatMatches() throws Exception {
        Svid svid = svid(trust.identify(careless.chain(Leaf.naming(ID))));
        Authentication outcome = trust.admit(svid);
        assertThat(outcome).isInstanceOf(Authenticated.class);
        Principal principal = ((Authenticated) outcome).principal();
        assertThat(principal.id()).isEqualTo(ID);
        assertThat(principal.kind()).isEqualTo(Principal.Kind.WORKLOAD);
        assertThat(principal.roles()).containsExactly(Role.CONSUMER);
        assertThat(principal.credential().workload()).contains(WorkloadId.parse(ID));
    }

    @Test
    void admitsNobodyWithoutAGrant() throws Exception {
        WorkloadTrust strict =
                new WorkloadTrust(
                        List.of(careless.anchor),
                        "atlas.local",
                        List.of(grant("spiffe://atlas.local/gateway", Role.CONSUMER)),
                        clock);
        Svid svid = svid(strict.identify(careless.chain(Leaf.naming(ID))));
        assertThat(strict.admit(svid)).isEqualTo(new Rejected("workload_not_granted", ID));
    }

    @Test
    void refusesAnotherAuthorityOfTheSameName() throws Exception {
        TestCertificates impostor = new TestCertificates(clock.instant());
        List<X509Certificate> chain = impostor.chain(Leaf.naming(ID));
        assertThat(reason(trust.identify(chain))).isEqualTo("certificate_untrusted");
        assertThat(reason(trust.identify(chain.subList(0, 1)))).isEqualTo("certificate_untrusted");
        assertThat(reason(trust.identify(List.of(chain.getFirst(), careless.anchor))))
                .isEqualTo("certificate_untrusted");
    }

    @Test
    void aRememberedCertificateEndsWhenItExpires() throws Exception {
        List<X509Certificate> chain = careless.chain(Leaf.naming(ID));
        assertThat(svid(trust.identify(chain))).isSameAs(svid(trust.identify(chain)));
        clock.advance(Duration.ofSeconds(3601));
        assertThat(reason(trust.identify(chain))).isEqualTo("certificate_expired");
    }

    @Test
    void judgesEachTrustDomainByItsOwnBundleAlone() throws Exception {
        TestCertificates partner = new TestCertificates(clock.instant());
        String guest = "spiffe://partner.example/app/search";
        WorkloadTrust federated =
                new WorkloadTrust(
                        () -> federatedBundles,
                        List.of(
                                grant("spiffe://atlas.local/*", Role.OPERATOR),
                                grant("spiffe://partner.example/app/*", Role.CONSUMER)),
                        clock);
        federatedBundles =
                Map.of(
                        "atlas.local", List.of(careless.anchor),
                        "partner.example", List.of(partner.anchor));

        Svid svid = svid(federated.identify(partner.chain(Leaf.naming(guest))));

        assertThat(((Authenticated) federated.admit(svid)).principal().roles())
                .containsExactly(Role.CONSUMER);
        // The partner cannot make one of ours, nor we one of theirs.
        assertThat(reason(federated.identify(partner.chain(Leaf.naming(ID)))))
                .isEqualTo("certificate_untrusted");
        assertThat(reason(federated.identify(careless.chain(Leaf.naming(guest)))))
                .isEqualTo("certificate_untrusted");
        assertThat(reason(federated.identify(partner.chain(Leaf.naming("spiffe://third/app")))))
                .isEqualTo("trust_domain_foreign");
    }

    @Test
    void forgetsWhatABundleThatIsGoneVouchedFor() throws Exception {
        List<X509Certificate> chain = careless.chain(Leaf.naming(ID));
        WorkloadTrust changing = new WorkloadTrust(() -> federatedBundles, List.of(), clock);
        federatedBundles = Map.of("atlas.local", List.of(careless.anchor));
        assertThat(svid(changing.identify(chain)).id().uri()).isEqualTo(ID);

        federatedBundles =
                Map.of("atlas.local", List.of(new TestCertificates(clock.instant()).anchor));
        assertThat(reason(changing.identify(chain))).isEqualTo("certificate_untrusted");

        federatedBundles = Map.of();
        assertThat(reason(changing.identify(chain))).isEqualTo("trust_domain_foreign");
    }

    @Test
    void needsAnAnchor() {
        assertThatThrownBy(() -> new WorkloadTrust(List.of(), "atlas.local", List.of(), clock))
                .isInstanceOf(IdentityException.class);
    }
}
