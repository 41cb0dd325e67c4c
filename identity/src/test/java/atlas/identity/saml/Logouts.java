package atlas.identity.saml;

import static atlas.identity.saml.TestIdp.BASE;
import static atlas.identity.saml.TestIdp.ENTITY;
import static atlas.identity.saml.TestIdp.NOW;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Logout messages as a provider sends them. */
final class Logouts {
    private Logouts() {}

    static String request() {
        return request("alice", "session-1");
    }

    static String request(String name, String session) {
        return """
        <samlp:LogoutRequest xmlns:samlp="%s" xmlns:saml="%s" ID="_logout-1" Version="2.0" \
        IssueInstant="%s" NotOnOrAfter="%s" Destination="%s/saml/slo">\
        <saml:Issuer>%s</saml:Issuer><saml:NameID Format="%s">%s</saml:NameID>\
        <samlp:SessionIndex>%s</samlp:SessionIndex></samlp:LogoutRequest>\
        """
                .formatted(
                        Names.PROTOCOL,
                        Names.ASSERTION,
                        NOW,
                        NOW.plusSeconds(300),
                        BASE,
                        ENTITY,
                        Names.PERSISTENT,
                        name,
                        session);
    }

    static String response(String inResponseTo, String status) {
        return """
        <samlp:LogoutResponse xmlns:samlp="%s" xmlns:saml="%s" ID="_done-1" Version="2.0" \
        IssueInstant="%s" Destination="%s/saml/slo" InResponseTo="%s">\
        <saml:Issuer>%s</saml:Issuer><samlp:Status><samlp:StatusCode Value="%s"/></samlp:Status>\
        </samlp:LogoutResponse>\
        """
                .formatted(
                        Names.PROTOCOL, Names.ASSERTION, NOW, BASE, inResponseTo, ENTITY, status);
    }

    static String posted(TestIdp idp, String xml) {
        return XmlSigning.by(idp, "idp").sign(xml, "_logout-1");
    }

    /** The query of a redirect, signed by a key of the test provider. */
    static String query(TestIdp idp, String signer, String kind, String xml) {
        URI place =
                RedirectBinding.signed(
                        URI.create("https://atlas.example/saml/slo"),
                        kind,
                        xml.getBytes(StandardCharsets.UTF_8),
                        Optional.of("state of the provider's"),
                        new Signer(new SamlKeys.Pair(idp.key(signer), idp.certificate(signer))));
        return place.getRawQuery();
    }
}
