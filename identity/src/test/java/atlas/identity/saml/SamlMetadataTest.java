package atlas.identity.saml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atlas.identity.IdentityException;
import atlas.identity.SettableClock;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;

class SamlMetadataTest {
    private static final Instant NOW = TestIdp.NOW;

    private final TestIdp idp = new TestIdp();
    private final SettableClock clock = new SettableClock();

    private IdpMetadata read(byte[] bytes) throws SamlException {
        return IdpMetadata.read(bytes, TestIdp.ENTITY, Optional.empty(), NOW);
    }

    private String refused(String xml) {
        try {
            read(Corpus.utf8(xml));
            throw new AssertionError("accepted: " + xml);
        } catch (SamlException e) {
            return e.reason();
        }
    }

    private String good() {
        return new String(idp.metadata("", "idp"), StandardCharsets.UTF_8);
    }

    @Test
    void readsKeysAndPlaces() throws Exception {
        IdpMetadata metadata = read(idp.metadata("", "idp", "idp-ec"));
        assertThat(metadata.keys(NOW)).hasSize(2);
        assertThat(metadata.loginUrl()).isEqualTo(URI.create("https://idp.example/sso?realm=a"));
        assertThat(metadata.logouts())
                .extracting(IdpMetadata.Endpoint::binding)
                .containsExactly(Names.REDIRECT, Names.POST);
        assertThat(metadata.until()).isEmpty();
    }

    @Test
    void certificatesOutsideTheirTimeVerifyNothing() throws Exception {
        IdpMetadata metadata = read(idp.metadata("", "idp"));
        assertThat(metadata.keys(NOW.minus(Duration.ofDays(2)))).isEmpty();
        assertThat(metadata.keys(NOW.plus(Duration.ofDays(366)))).isEmpty();
    }

    @Test
    void theEndIsTheSoonestOfThoseGiven() throws Exception {
        String both = Answer.attribute("validUntil", NOW.plusSeconds(900).toString());
        assertThat(read(idp.metadata(both, "idp")).until()).contains(NOW.plusSeconds(900));
        String cached = both + Answer.attribute("cacheDuration", "PT10M");
        assertThat(read(idp.metadata(cached, "idp")).until()).contains(NOW.plusSeconds(600));
        String days = Answer.attribute("cacheDuration", "P1DT1H");
        assertThat(read(idp.metadata(days, "idp")).until()).contains(NOW.plusSeconds(90_000));
        String over = Answer.attribute("validUntil", NOW.toString());
        assertThat(refused(new String(idp.metadata(over, "idp"), StandardCharsets.UTF_8)))
                .isEqualTo("saml_metadata_expired");
    }

    @Test
    void refusesWhatIsNotThisProvidersWord() {
        String good = good();
        assertThat(refused(good.replace("entityID=\"" + TestIdp.ENTITY, "entityID=\"https://x")))
                .isEqualTo("saml_metadata_entity");
        assertThat(refused(good.replace("EntityDescriptor", "EntitiesDescriptor")))
                .isEqualTo("saml_metadata_form");
        assertThat(refused(good.replace("use=\"signing\"", "use=\"encryption\"")))
                .isEqualTo("saml_metadata_keys");
        assertThat(refused(good.replace("MII", "AAA"))).isEqualTo("saml_metadata_keys");
        assertThat(refused(good.replace("https://idp.example/sso", "http://idp.example/sso")))
                .isEqualTo("saml_metadata_endpoint");
        assertThat(refused(good.replace("https://idp.example/slo", "javascript:alert(1)//")))
                .isEqualTo("saml_metadata_endpoint");
        assertThat(refused(good.replace("SingleSignOnService", "SingleSignOn")))
                .isEqualTo("saml_metadata_endpoint");
        assertThat(refused(good.replace(Names.PROTOCOL, "urn:oasis:names:tc:SAML:1.1:protocol")))
                .isEqualTo("saml_metadata_form");
        assertThat(refused("<!DOCTYPE x>" + good)).isEqualTo("saml_doctype");
    }

    @Test
    void aPinnedSignerMustHaveSignedIt() throws Exception {
        String signed = XmlSigning.by(idp, "idp-ec").sign(good(), "_metadata");
        var pinned = Optional.of(idp.certificate("idp-ec"));
        IdpMetadata metadata = IdpMetadata.read(Corpus.utf8(signed), TestIdp.ENTITY, pinned, NOW);
        assertThat(metadata.keys(NOW)).hasSize(1);
        for (String wrong :
                List.of(
                        good(),
                        XmlSigning.by(idp, "attacker").sign(good(), "_metadata"),
                        signed.replace("realm=a", "realm=b"))) {
            assertThatThrownBy(
                            () -> IdpMetadata.read(Corpus.utf8(wrong), TestIdp.ENTITY, pinned, NOW))
                    .isInstanceOf(SamlException.class);
        }
    }

    @Test
    void aBadDocumentNeverReplacesAGoodOne() {
        IdpDirectory directory =
                new IdpDirectory(TestIdp.provider(false, List.of()), idp, Optional.empty(), clock);
        assertThat(directory.metadata()).isPresent();
        idp.away = true;
        directory.refresh();
        assertThat(directory.metadata()).isPresent();
        clock.advance(Duration.ofHours(24));
        assertThat(directory.metadata()).as("not confirmed for a day").isEmpty();
    }

    @Test
    void ourOwnIsSignedAndCarriesWhatProvidersNeed() throws Exception {
        SamlServiceProvider provider = idp.serviceProvider(clock);
        Element root = StrictXml.parse(provider.metadata()).getDocumentElement();
        PublicKey ours = idp.ours().published(NOW).get(0).getPublicKey();
        Element signed = SignedElement.verified(root, List.of(ours));
        String text = TestIdp.text(signed);
        assertThat(text)
                .contains("entityID=\"" + TestIdp.BASE + "/saml/metadata\"")
                .contains("AuthnRequestsSigned=\"true\"")
                .contains("WantAssertionsSigned=\"true\"")
                .contains("Location=\"" + TestIdp.BASE + "/saml/acs\"")
                .contains("Location=\"" + TestIdp.BASE + "/saml/slo\"")
                .contains(Names.AES_256_GCM)
                .contains(Names.MGF_SHA256)
                .doesNotContain("sha1");
    }

    @Test
    void keysAreFollowedByOthersBeforeTheyEnd() {
        // Successors are elliptic here because making RSA keys takes long.
        SamlConfig config = TestIdp.elliptic();
        SamlKeys first = idp.ours();
        assertThat(first.rotated(config, NOW.plus(Duration.ofDays(334)))).isSameAs(first);

        Instant due = NOW.plus(Duration.ofDays(335));
        SamlKeys both = first.rotated(config, due);
        assertThat(both.size()).isEqualTo(2);
        assertThat(both.published(due)).hasSize(2);
        Duration overlap = Duration.ofDays(30);
        assertThat(both.signing(overlap, due)).isEqualTo(first.signing(overlap, NOW));
        assertThat(both.encryptTo()).isNotEqualTo(first.encryptTo());
        assertThat(both.decryption()).hasSize(2).contains(first.decryption().get(0));
        assertThat(both.rotated(config, due)).isSameAs(both);

        Instant half = due.plus(Duration.ofDays(15));
        assertThat(both.signing(overlap, half).certificate()).isEqualTo(both.published(due).get(1));
        SamlKeys one = both.rotated(config, NOW.plus(Duration.ofDays(365)));
        assertThat(one.size()).isEqualTo(1);
        assertThat(one.newest()).isEqualTo(both.newest());
    }

    @Test
    void signsByEllipticCurveWhereConfigured() throws Exception {
        SamlConfig elliptic = TestIdp.elliptic();
        SamlKeys keys = SamlKeys.fresh(elliptic, NOW);
        List<PublicKey> ours = List.of(keys.published(NOW).get(0).getPublicKey());
        try (SamlServiceProvider provider =
                new SamlServiceProvider(
                        elliptic,
                        () -> keys,
                        new Providers(elliptic, _ -> idp, clock),
                        new PendingLogin.Codec(),
                        clock)) {
            Element root = StrictXml.parse(provider.metadata()).getDocumentElement();
            assertThat(TestIdp.text(SignedElement.verified(root, ours))).contains("/saml/acs");
            var asked = (SamlServiceProvider.Begun.Asked) provider.begin(TestIdp.NAME, "");
            String query = asked.message().place().getRawQuery().substring("realm=a&".length());
            RedirectBinding.Message sent = RedirectBinding.read(query);
            RedirectBinding.verify(sent, ours);
            assertThat(sent.algorithm()).isEqualTo(Names.ECDSA_SHA256);
            assertThat(sent.signature()).as("r and s side by side").hasSize(64);
        }
    }

    @Test
    void keysSurviveAsBytes() {
        SamlKeys keys = idp.ours();
        SamlKeys again = SamlKeys.decode(keys.encode());
        assertThat(again.encode()).isEqualTo(keys.encode());
        assertThat(again.toString()).isEqualTo("SamlKeys[1]");
        byte[] broken = keys.encode();
        broken[0] = 9;
        assertThatThrownBy(() -> SamlKeys.decode(broken)).isInstanceOf(IdentityException.class);
        assertThatThrownBy(() -> SamlKeys.decode(new byte[0]))
                .isInstanceOf(IdentityException.class);
    }
}
