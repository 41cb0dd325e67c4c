package atlas.identity.saml;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.core.Role;
import atlas.identity.SettableClock;
import atlas.identity.saml.SamlOutcome.Refused;
import atlas.identity.saml.SamlOutcome.SignedIn;
import atlas.identity.saml.SamlOutcome.Unavailable;
import atlas.identity.saml.SamlServiceProvider.Begun;
import java.io.IOException;
import java.net.URI;
import java.security.PublicKey;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;

class SamlLoginTest {
    private final TestIdp idp = new TestIdp();
    private final SettableClock clock = new SettableClock();
    private final SamlServiceProvider provider = idp.serviceProvider(clock);

    private SamlOutcome accept(String xml) {
        return accept(provider, xml);
    }

    private SamlOutcome accept(SamlServiceProvider at, String xml) {
        return at.accept(
                PostBinding.encoded(Corpus.utf8(xml)), TestIdp.RELAY, Optional.of(idp.cookie()));
    }

    private static SignedIn signedIn(SamlOutcome outcome) {
        assertThat(outcome).isInstanceOf(SignedIn.class);
        return (SignedIn) outcome;
    }

    private static String refused(SamlOutcome outcome) {
        assertThat(outcome).isInstanceOf(Refused.class);
        return ((Refused) outcome).reason();
    }

    @Test
    void signsInWithResponseAndAssertionSigned() {
        SignedIn alice = signedIn(accept(new Answer(idp).xml()));
        assertThat(alice.principal()).isEqualTo("saml:" + TestIdp.ENTITY + "#alice");
        assertThat(alice.tenant()).isEqualTo("default");
        assertThat(alice.roles()).containsExactly(Role.CONSUMER);
        assertThat(alice.claims().groups()).containsExactlyInAnyOrder("red", "blue");
        assertThat(alice.claims().attributes()).isEqualTo(Map.of("email", "alice@example.com"));
        assertThat(alice.assertionId()).isEqualTo("_assertion-1");
        assertThat(alice.authenticated()).isEqualTo(TestIdp.NOW.minusSeconds(60));
        assertThat(alice.subject().sessionIndex()).contains("session-1");
        assertThat(alice.kept()).isEqualTo("kept");
    }

    @Test
    void signsInWithEitherSigned() {
        signedIn(accept(new Answer(idp).signed(true, false).xml()));
        SamlServiceProvider other = idp.serviceProvider(clock);
        signedIn(accept(other, new Answer(idp).signed(false, true).xml()));
    }

    @Test
    void signsInByElliptic() {
        idp.signers = List.of("idp", "idp-ec");
        signedIn(accept(new Answer(idp).by(XmlSigning.by(idp, "idp-ec")).xml()));
    }

    @Test
    void opensEncryptedAssertions() {
        Sealing sealing = Sealing.to(idp);
        signedIn(accept(new Answer(idp).encrypted(sealing)));
        SamlServiceProvider other = idp.serviceProvider(clock);
        signedIn(
                accept(
                        other,
                        new Answer(idp)
                                .signed(true, false)
                                .encrypted(sealing.cipher(Names.AES_128_GCM))));
    }

    @Test
    void readsPrefixesThatWereDeclaredAroundTheCiphertext() {
        String bare =
                new Answer(idp).assertion().replace(" xmlns:saml=\"" + Names.ASSERTION + "\"", "");
        String whole = new Answer(idp).around(Sealing.to(idp).encrypted(bare));
        signedIn(accept(new Answer(idp).signing.sign(whole, "_response-1")));
    }

    @Test
    void readsWhatLooksCutAsTheWholeItIs() {
        String text = "alice<![CDATA[.evil]]>.example";
        SignedIn whole = signedIn(accept(new Answer(idp).with("name", text).xml()));
        assertThat(whole.principal()).endsWith("#alice.evil.example");
    }

    @Test
    void writesMailNamesInOneWay() {
        SignedIn alice =
                signedIn(
                        accept(
                                new Answer(idp)
                                        .with("name", "Alice@Example.COM")
                                        .with(
                                                "name.attributes",
                                                Answer.attribute("Format", Names.EMAIL))
                                        .xml()));
        assertThat(alice.principal()).endsWith("#alice@example.com");
        assertThat(alice.subject().nameId())
                .as("as the provider wrote it, for messages back")
                .isEqualTo("Alice@Example.COM");
    }

    @Test
    void infersNothingFromWhatIsNotMapped() {
        SignedIn plain =
                signedIn(
                        accept(
                                new Answer(idp)
                                        .with(
                                                "attributes",
                                                Answer.values("Role", "security_admin", "consumer")
                                                        + Answer.values("mail", "a@x", "b@x"))
                                        .xml()));
        assertThat(plain.roles()).isEmpty();
        assertThat(plain.claims().attributes()).isEmpty();
        assertThat(plain.claims().groups()).isEmpty();
    }

    @Test
    void whatPolicyCouldForbidSomethingToIsNotLeftOutForItsLength() {
        for (String name : List.of("mail", "Group")) {
            String endless = Answer.values(name, "x".repeat(513));
            assertThat(refused(accept(new Answer(idp).with("attributes", endless).xml())))
                    .as(name)
                    .isEqualTo("saml_size");
        }
    }

    @Test
    void namesThePersonByAnAttributeWhereConfigured() {
        SamlConfig.Provider usual = TestIdp.provider(false, List.of());
        SamlConfig.Provider byMail =
                new SamlConfig.Provider(
                        usual.name(),
                        Optional.empty(),
                        usual.entityId(),
                        usual.metadata(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of("blue"),
                        Optional.of("mail"),
                        Optional.empty(),
                        Map.of(),
                        Optional.empty(),
                        Map.of(),
                        List.of(),
                        Optional.empty(),
                        Optional.empty());
        SamlServiceProvider other = idp.serviceProvider(TestIdp.config(byMail), clock);
        String transientName = Answer.attribute("Format", Names.TRANSIENT);
        SignedIn alice =
                signedIn(
                        accept(
                                other,
                                new Answer(idp).with("name.attributes", transientName).xml()));
        assertThat(alice.principal()).endsWith("#alice@example.com");
        assertThat(alice.tenant()).isEqualTo("blue");
        assertThat(
                        refused(
                                accept(
                                        other,
                                        new Answer(idp)
                                                .with("attributes", Answer.values("Role", "x"))
                                                .xml())))
                .isEqualTo("saml_principal_missing");
    }

    @Test
    void belongsToTheBrowserThatAsked() {
        String response = PostBinding.encoded(Corpus.utf8(new Answer(idp).xml()));
        String cookie = idp.cookie();
        assertThat(refused(provider.accept(response, TestIdp.RELAY, Optional.empty())))
                .isEqualTo("saml_unsolicited");
        assertThat(refused(provider.accept(response, "another", Optional.of(cookie))))
                .isEqualTo("saml_relay_state");
        assertThat(refused(provider.accept(response, TestIdp.RELAY, Optional.of(cookie + "A"))))
                .isEqualTo("saml_request_unknown");
        for (String wrong : List.of("", ".", "a.b", "~.~", cookie.substring(1), "x".repeat(600))) {
            assertThat(refused(provider.accept(response, TestIdp.RELAY, Optional.of(wrong))))
                    .isEqualTo("saml_request_unknown");
        }
        String elsewhere = new TestIdp().cookie();
        assertThat(refused(provider.accept(response, TestIdp.RELAY, Optional.of(elsewhere))))
                .isEqualTo("saml_request_unknown");
        signedIn(provider.accept(response, TestIdp.RELAY, Optional.of(cookie)));
    }

    @Test
    void aRequestEnds() {
        clock.advance(Duration.ofSeconds(600));
        assertThat(refused(accept(new Answer(idp).xml()))).isEqualTo("saml_request_expired");
    }

    @Test
    void takesUnsolicitedLoginsOnlyWhereConfigured() {
        String response =
                PostBinding.encoded(
                        Corpus.utf8(
                                new Answer(idp)
                                        .with("in-response-to", "")
                                        .with("subject.answers", "")
                                        .xml()));
        assertThat(refused(provider.accept(response, "", Optional.empty())))
                .isEqualTo("saml_unsolicited");
        SamlServiceProvider lax = idp.serviceProvider(TestIdp.config(true, List.of()), clock);
        signedIn(lax.accept(response, "anything", Optional.empty()));
        assertThat(refused(lax.accept(response, "anything", Optional.empty())))
                .isEqualTo("saml_replayed");
        // An answer to somebody's request is not unsolicited.
        assertThat(
                        refused(
                                lax.accept(
                                        PostBinding.encoded(Corpus.utf8(new Answer(idp).xml())),
                                        "",
                                        Optional.empty())))
                .isEqualTo("saml_in_response_to");
    }

    @Test
    void wantsTheAuthenticationThatIsConfigured() {
        String password = "urn:oasis:names:tc:SAML:2.0:ac:classes:Password";
        SamlServiceProvider strict =
                idp.serviceProvider(TestIdp.config(false, List.of("urn:mfa")), clock);
        assertThat(refused(accept(strict, new Answer(idp).xml())))
                .isEqualTo("saml_authentication_context");
        signedIn(
                accept(
                        idp.serviceProvider(TestIdp.config(false, List.of(password)), clock),
                        new Answer(idp).xml()));
    }

    @Test
    void allowsTheSkewAndNoMore() {
        signedIn(
                accept(
                        new Answer(idp)
                                .with("not-on-or-after", TestIdp.NOW.minusSeconds(29).toString())
                                .with("not-before", TestIdp.NOW.plusSeconds(30).toString())
                                .xml()));
    }

    @Test
    void cannotTellWithoutMetadata() {
        idp.away = true;
        assertThat(accept(new Answer(idp).xml())).isInstanceOf(Unavailable.class);
        assertThat(provider.begin(TestIdp.NAME, "")).isInstanceOf(Begun.Unavailable.class);
        idp.away = false;
        // At most once in ten seconds: the next try gets no fetch, and still is no refusal.
        assertThat(accept(new Answer(idp).xml())).isInstanceOf(Unavailable.class);
        clock.advance(Duration.ofSeconds(10));
        signedIn(accept(new Answer(idp).xml()));
    }

    @Test
    void learnsANewKeyWhenTheProviderHasTurnedItOver() {
        signedIn(accept(new Answer(idp).xml()));
        idp.signers = List.of("idp-ec");
        clock.advance(Duration.ofSeconds(61));
        SamlOutcome next =
                accept(
                        new Answer(idp)
                                .by(XmlSigning.by(idp, "idp-ec"))
                                .with("assertion.id", "_assertion-2")
                                .xml());
        // The request was used; what matters is that the new key's signature held.
        assertThat(refused(next)).isEqualTo("saml_replayed");
        assertThat(idp.fetches).isEqualTo(2);
        assertThat(refused(accept(new Answer(idp).xml()))).isEqualTo("saml_signature_untrusted");
        assertThat(idp.fetches).as("a stranger makes nobody fetch").isEqualTo(2);
    }

    @Test
    void asksByASignedRedirectThatTheCookieRemembers() throws Exception {
        Begun.Asked asked = (Begun.Asked) provider.begin(TestIdp.NAME, "");
        URI place = asked.message().place();
        assertThat(place.toString()).startsWith("https://idp.example/sso?realm=a&SAMLRequest=");
        String query = place.getRawQuery().substring("realm=a&".length());
        RedirectBinding.Message sent = RedirectBinding.read(query);
        PublicKey ours = idp.ours().published(TestIdp.NOW).get(0).getPublicKey();
        RedirectBinding.verify(sent, List.of(ours));
        Element request = StrictXml.parse(sent.xml()).getDocumentElement();
        assertThat(Reading.is(request, Names.PROTOCOL, "AuthnRequest")).isTrue();
        assertThat(request.getAttribute("Destination"))
                .isEqualTo("https://idp.example/sso?realm=a");
        assertThat(request.getAttribute("AssertionConsumerServiceURL"))
                .isEqualTo(TestIdp.BASE + "/saml/acs");
        assertThat(request.getAttribute("ProtocolBinding")).isEqualTo(Names.POST);
        assertThat(asked.cookie()).doesNotContain("https").hasSizeLessThan(300);
        assertThat(sent.relay().orElseThrow()).matches("[0-9a-f]{32}");

        String answer =
                new Answer(idp)
                        .with("in-response-to", answers(request))
                        .with("subject.answers", answers(request))
                        .xml();
        signedIn(
                provider.accept(
                        PostBinding.encoded(Corpus.utf8(answer)),
                        sent.relay().orElseThrow(),
                        Optional.of(asked.cookie())));
        assertThat(provider.begin("nobody", "")).isInstanceOf(Begun.Unknown.class);
    }

    private static String answers(Element request) {
        return Answer.attribute("InResponseTo", request.getAttribute("ID"));
    }

    @Test
    void refusesRatherThanForgetsWhatWasUsed() {
        ReplayMemory memory = new ReplayMemory(2);
        var end = TestIdp.NOW.plusSeconds(10);
        assertThat(memory.use("a", "i", "1", end, TestIdp.NOW)).isEqualTo(ReplayMemory.Use.FIRST);
        assertThat(memory.use("a", "i", "1", end, TestIdp.NOW))
                .isEqualTo(ReplayMemory.Use.REPEATED);
        assertThat(memory.use("b", "i", "1", end, TestIdp.NOW)).isEqualTo(ReplayMemory.Use.FIRST);
        assertThat(memory.use("c", "i", "1", end, TestIdp.NOW)).isEqualTo(ReplayMemory.Use.FULL);
        assertThat(memory.use("c", "i", "1", end, end)).isEqualTo(ReplayMemory.Use.FIRST);
    }

    @Test
    void textsThatAreNoMessagesAreRefused() throws IOException {
        for (String text : List.of("", " ", "%", "=", "AAAA", "x".repeat(1_000_000))) {
            assertThat(provider.accept(text, TestIdp.RELAY, Optional.of(idp.cookie())))
                    .isInstanceOf(Refused.class);
        }
    }
}
