package atlas.identity.saml;

import static org.assertj.core.api.Assertions.assertThat;

import atlas.identity.SettableClock;
import atlas.identity.saml.SamlLogout.Answered;
import atlas.identity.saml.SamlLogout.Refused;
import atlas.identity.saml.SamlLogout.Requested;
import atlas.identity.saml.SamlLogout.Unavailable;
import atlas.identity.saml.SamlServiceProvider.Message;
import java.security.PublicKey;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;

class SamlLogoutTest {
    private final TestIdp idp = new TestIdp();
    private final SettableClock clock = new SettableClock();
    private final SamlServiceProvider provider = idp.serviceProvider(clock);

    private static SamlSubject alice(String session) {
        return new SamlSubject(
                TestIdp.NAME,
                TestIdp.ENTITY,
                "alice",
                Names.PERSISTENT,
                TestIdp.BASE + "/saml/metadata",
                Optional.of(session),
                Optional.empty());
    }

    private Map<String, String> form(String kind, String xml) {
        return Map.of(kind, PostBinding.encoded(Corpus.utf8(xml)), "RelayState", "theirs");
    }

    private RedirectBinding.Message sent(Message message) throws SamlException {
        RedirectBinding.Message sent = RedirectBinding.read(message.place().getRawQuery());
        PublicKey ours = idp.ours().published(TestIdp.NOW).get(0).getPublicKey();
        RedirectBinding.verify(sent, List.of(ours));
        return sent;
    }

    @Test
    void aProviderEndsASessionByPost() {
        Requested asked =
                (Requested)
                        provider.posted(
                                form("SAMLRequest", Logouts.posted(idp, Logouts.request())));
        assertThat(asked.subject().provider()).isEqualTo(TestIdp.NAME);
        assertThat(asked.subject().nameId()).isEqualTo("alice");
        assertThat(asked.sessionIndexes()).containsExactly("session-1");
        assertThat(asked.requestId()).isEqualTo("_logout-1");
        assertThat(asked.relay()).isEqualTo("theirs");
    }

    @Test
    void aProviderEndsASessionByRedirectAndIsAnsweredSigned() throws Exception {
        Requested asked =
                (Requested)
                        provider.redirected(
                                Logouts.query(idp, "idp", "SAMLRequest", Logouts.request()));
        Message answer = provider.answer(asked, true).orElseThrow();
        assertThat(answer.place().toString()).startsWith("https://idp.example/slo-done?");
        RedirectBinding.Message sent = sent(answer);
        assertThat(sent.relay()).contains("state of the provider's");
        Element response = StrictXml.parse(sent.xml()).getDocumentElement();
        assertThat(response.getLocalName()).isEqualTo("LogoutResponse");
        assertThat(response.getAttribute("InResponseTo")).isEqualTo("_logout-1");
        assertThat(TestIdp.text(response)).contains(Names.SUCCESS);
        assertThat(
                        TestIdp.text(
                                StrictXml.parse(
                                        sent(provider.answer(asked, false).orElseThrow()).xml())))
                .contains(Names.RESPONDER);
    }

    @Test
    void ellipticRedirectsHoldInBothSpellings() {
        idp.signers = List.of("idp", "idp-ec");
        assertThat(
                        provider.redirected(
                                Logouts.query(idp, "idp-ec", "SAMLRequest", Logouts.request())))
                .isInstanceOf(Requested.class);
    }

    @Test
    void weEndASessionAndTakeTheAnswerOnce() throws Exception {
        Message message = provider.logout(alice("session-1")).orElseThrow();
        assertThat(message.form()).isEmpty();
        assertThat(message.place().toString()).startsWith("https://idp.example/slo?SAMLRequest=");
        Element request = StrictXml.parse(sent(message).xml()).getDocumentElement();
        assertThat(TestIdp.text(request))
                .contains(">alice</saml:NameID>")
                .contains("<samlp:SessionIndex>session-1</samlp:SessionIndex>")
                .contains("SPNameQualifier=\"" + TestIdp.BASE);
        String id = request.getAttribute("ID");
        String response =
                XmlSigning.by(idp, "idp").sign(Logouts.response(id, Names.SUCCESS), "_done-1");
        assertThat(provider.posted(form("SAMLResponse", response))).isEqualTo(new Answered(true));
        assertThat(provider.posted(form("SAMLResponse", response)))
                .isEqualTo(new Refused("saml_in_response_to", "saml logout"));
    }

    @Test
    void anAnswerThatFailedSaysSoAndALateOneIsRefused() throws Exception {
        String id = idOf(provider.logout(alice("session-1")).orElseThrow());
        String failed = Logouts.response(id, Names.RESPONDER);
        assertThat(provider.redirected(Logouts.query(idp, "idp", "SAMLResponse", failed)))
                .isEqualTo(new Answered(false));
        String late = idOf(provider.logout(alice("session-1")).orElseThrow());
        clock.advance(Duration.ofMinutes(10));
        String answer =
                Logouts.response(late, Names.SUCCESS)
                        .replace(TestIdp.NOW.toString(), clock.instant().toString());
        assertThat(provider.redirected(Logouts.query(idp, "idp", "SAMLResponse", answer)))
                .isEqualTo(new Refused("saml_in_response_to", "saml logout"));
    }

    private String idOf(Message message) throws SamlException {
        return StrictXml.parse(sent(message).xml()).getDocumentElement().getAttribute("ID");
    }

    @Test
    void aProviderWithOnlyPostIsPostedTo() throws Exception {
        idp.endpoints = "post";
        Message message = provider.logout(alice("session-1")).orElseThrow();
        assertThat(message.place().toString()).isEqualTo("https://idp.example/slo-post");
        byte[] xml = PostBinding.decoded(message.form().getOrDefault("SAMLRequest", ""));
        PublicKey ours = idp.ours().published(TestIdp.NOW).get(0).getPublicKey();
        Element signed =
                SignedElement.verified(StrictXml.parse(xml).getDocumentElement(), List.of(ours));
        assertThat(signed.getLocalName()).isEqualTo("LogoutRequest");
    }

    @Test
    void aProviderWithoutLogoutIsNotAsked() {
        idp.endpoints = "none";
        assertThat(provider.logout(alice("session-1"))).isEmpty();
    }

    @Test
    void cannotTellWithoutMetadata() {
        idp.away = true;
        assertThat(provider.posted(form("SAMLRequest", Logouts.posted(idp, Logouts.request()))))
                .isInstanceOf(Unavailable.class);
    }

    @Test
    void anAnswerIsNotARequest() {
        String request = Logouts.posted(idp, Logouts.request());
        assertThat(provider.posted(form("SAMLResponse", request)))
                .isEqualTo(new Refused("saml_structure", "saml logout"));
        assertThat(provider.posted(Map.of()))
                .isEqualTo(new Refused("saml_parameters", "saml logout"));
    }
}
