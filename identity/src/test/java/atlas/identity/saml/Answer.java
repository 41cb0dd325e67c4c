package atlas.identity.saml;

import static atlas.identity.saml.TestIdp.BASE;
import static atlas.identity.saml.TestIdp.ENTITY;
import static atlas.identity.saml.TestIdp.NOW;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/** A response as a provider writes it, any part of which a test may set to something else. */
final class Answer {
    private final Map<String, String> parts = new HashMap<>();
    private boolean signedResponse = true;
    private boolean signedAssertion = true;
    XmlSigning signing;

    Answer(TestIdp idp) {
        signing = XmlSigning.by(idp, "idp");
        Map<String, String> usual =
                Map.ofEntries(
                        Map.entry("response.id", "_response-1"),
                        Map.entry("assertion.id", "_assertion-1"),
                        Map.entry("version", "2.0"),
                        Map.entry("issued", NOW.toString()),
                        Map.entry("destination", BASE + "/saml/acs"),
                        Map.entry("in-response-to", attribute("InResponseTo", TestIdp.REQUEST)),
                        Map.entry("subject.answers", attribute("InResponseTo", TestIdp.REQUEST)),
                        Map.entry("response.issuer", ENTITY),
                        Map.entry("assertion.issuer", ENTITY),
                        Map.entry("status", Names.SUCCESS),
                        Map.entry("name.attributes", attribute("Format", Names.PERSISTENT)),
                        Map.entry("name", "alice"),
                        Map.entry("confirmation.more", ""),
                        Map.entry("confirmation.method", Names.BEARER),
                        Map.entry("recipient", BASE + "/saml/acs"),
                        Map.entry("confirmation.until", NOW.plusSeconds(300).toString()),
                        Map.entry("not-before", NOW.minusSeconds(5).toString()),
                        Map.entry("not-on-or-after", NOW.plusSeconds(300).toString()),
                        Map.entry(
                                "audience",
                                "<saml:AudienceRestriction><saml:Audience>"
                                        + BASE
                                        + "/saml/metadata</saml:Audience>"
                                        + "</saml:AudienceRestriction>"),
                        Map.entry("authenticated", NOW.minusSeconds(60).toString()),
                        Map.entry("session", attribute("SessionIndex", "session-1")),
                        Map.entry("context", "urn:oasis:names:tc:SAML:2.0:ac:classes:Password"),
                        Map.entry("statements", ""),
                        Map.entry(
                                "attributes",
                                values("Role", "ai-users", "other")
                                        + values("Group", "red", "blue")
                                        + values("mail", "alice@example.com")));
        parts.putAll(usual);
    }

    static String attribute(String name, String value) {
        return " " + name + "=\"" + value + "\"";
    }

    static String values(String name, String... values) {
        StringBuilder xml = new StringBuilder("<saml:Attribute Name=\"" + name + "\">");
        for (String value : values) {
            xml.append("<saml:AttributeValue>").append(value).append("</saml:AttributeValue>");
        }
        return xml + "</saml:Attribute>";
    }

    Answer with(String part, String value) {
        if (parts.put(part, value) == null) {
            throw new AssertionError("no part `" + part + "`");
        }
        return this;
    }

    Answer signed(boolean response, boolean assertion) {
        signedResponse = response;
        signedAssertion = assertion;
        return this;
    }

    Answer by(XmlSigning other) {
        signing = other;
        return this;
    }

    private String part(String name) {
        return Objects.requireNonNull(parts.get(name), name);
    }

    /** The assertion alone, unsigned. */
    String assertion() {
        return """
        <saml:Assertion xmlns:saml="%s" ID="%s" Version="%s" IssueInstant="%s">\
        <saml:Issuer>%s</saml:Issuer><saml:Subject><saml:NameID%s>%s</saml:NameID>\
        <saml:SubjectConfirmation Method="%s"><saml:SubjectConfirmationData Recipient="%s"%s%s%s/>\
        </saml:SubjectConfirmation></saml:Subject>\
        <saml:Conditions NotBefore="%s" NotOnOrAfter="%s">%s</saml:Conditions>\
        <saml:AuthnStatement AuthnInstant="%s"%s><saml:AuthnContext>\
        <saml:AuthnContextClassRef>%s</saml:AuthnContextClassRef></saml:AuthnContext>\
        </saml:AuthnStatement>%s<saml:AttributeStatement>%s</saml:AttributeStatement>\
        </saml:Assertion>\
        """
                .formatted(
                        Names.ASSERTION,
                        part("assertion.id"),
                        part("version"),
                        part("issued"),
                        part("assertion.issuer"),
                        part("name.attributes"),
                        part("name"),
                        part("confirmation.method"),
                        part("recipient"),
                        part("confirmation.until").isEmpty()
                                ? ""
                                : attribute("NotOnOrAfter", part("confirmation.until")),
                        part("subject.answers"),
                        part("confirmation.more"),
                        part("not-before"),
                        part("not-on-or-after"),
                        part("audience"),
                        part("authenticated"),
                        part("session"),
                        part("context"),
                        part("statements"),
                        part("attributes"));
    }

    /** The whole response around an assertion in whatever state. */
    String around(String inside) {
        return """
        <samlp:Response xmlns:samlp="%s" xmlns:saml="%s" ID="%s" Version="%s" IssueInstant="%s" \
        Destination="%s"%s><saml:Issuer>%s</saml:Issuer><samlp:Status>\
        <samlp:StatusCode Value="%s"/></samlp:Status>%s</samlp:Response>\
        """
                .formatted(
                        Names.PROTOCOL,
                        Names.ASSERTION,
                        part("response.id"),
                        part("version"),
                        part("issued"),
                        part("destination"),
                        part("in-response-to"),
                        part("response.issuer"),
                        part("status"),
                        inside);
    }

    String xml() {
        String inside = assertion();
        String whole = around(inside);
        if (signedAssertion) {
            whole = signing.sign(whole, part("assertion.id"));
        }
        return signedResponse ? signing.sign(whole, part("response.id")) : whole;
    }

    /** With the assertion encrypted to the service provider, under a signed response. */
    String encrypted(Sealing sealing) {
        String inside = assertion();
        if (signedAssertion) {
            inside = signing.sign(inside, part("assertion.id"));
        }
        String whole = around(sealing.encrypted(inside));
        return signedResponse ? signing.sign(whole, part("response.id")) : whole;
    }
}
