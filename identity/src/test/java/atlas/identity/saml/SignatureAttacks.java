package atlas.identity.saml;

import java.util.List;
import javax.xml.crypto.dsig.spec.ExcC14NParameterSpec;
import javax.xml.crypto.dsig.spec.XPathFilterParameterSpec;

/** Forged, borrowed and weakened signatures. */
final class SignatureAttacks extends Forge {
    SignatureAttacks(TestIdp idp) {
        super(idp);
        signatures();
        references();
        transforms();
    }

    private void signatures() {
        String both = answer().xml();
        XmlSigning attacker = XmlSigning.by(idp, "attacker");
        refuse("unsigned", "saml_signature_missing", answer().signed(false, false).xml());
        refuse(
                "signature-cut-out",
                "saml_signature_missing",
                both.replaceAll("(?s)<ds:Signature .*?</ds:Signature>", ""));
        refuse(
                "name-changed-after-signing",
                "saml_signature_untrusted",
                both.replace(">alice<", ">mallory<"));
        refuse(
                "role-added-after-signing",
                "saml_signature_untrusted",
                both.replace(">other<", ">ai-admins<"));
        refuse(
                "signature-value-changed",
                "saml_signature_untrusted",
                both.replaceFirst("(<ds:SignatureValue>.{8})(.)", "$1" + "A"));
        refuse(
                "signed-by-a-key-it-brings-along",
                "saml_signature_untrusted",
                answer().by(attacker).with("name", "mallory").xml());
        refuse(
                "response-genuine-assertion-by-attacker",
                "saml_signature_untrusted",
                answer().signing
                        .sign(answer().by(attacker).signed(false, true).xml(), "_response-1"));
        refuse(
                "rsa-sha1",
                "saml_signature_algorithm",
                answer().by(own().method(Names.SIGNATURE + "rsa-sha1")).xml());
        refuse(
                "sha1-digest",
                "saml_signature_algorithm",
                answer().by(own().digest(Names.SIGNATURE + "sha1")).xml());
        refuse(
                "hmac-with-the-public-key",
                "saml_signature_algorithm",
                both.replace(
                        Names.RSA_SHA256, "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"));
        refuse(
                "signature-without-key-info-by-attacker",
                "saml_signature_untrusted",
                answer().by(attacker).xml().replaceAll("(?s)<ds:KeyInfo>.*?</ds:KeyInfo>", ""));
        refuse(
                "signature-twice",
                "saml_signature_placement",
                both.replaceFirst("(?s)(<ds:Signature .*?</ds:Signature>)", "$1$1"));
        refuse(
                "signature-with-an-object",
                "saml_signature_placement",
                both.replaceFirst("</ds:Signature>", "<ds:Object>x</ds:Object></ds:Signature>"));
        refuse(
                "signature-of-another-response",
                "saml_signature_untrusted",
                transplanted(
                        answer().with("name", "bob").signed(true, false).xml(),
                        answer().signed(true, false).xml()));
    }

    private void references() {
        String plain = answer().signed(false, false).xml();
        refuse(
                "reference-to-nothing",
                "saml_signature_reference",
                own().sign(plain, "_response-1", ""));
        refuse(
                "reference-to-the-assertion-only",
                "saml_signature_reference",
                own().sign(plain, "_response-1", "#_assertion-1"));
        refuse(
                "reference-by-xpointer",
                "saml_signature_reference",
                own().sign(plain, "_response-1", "#xpointer(id('_response-1'))"));
        refuse(
                "transform-xpath-that-selects",
                "saml_signature_transforms",
                own().transforms(() ->
                                List.of(
                                        XmlSigning.transform(Names.ENVELOPED),
                                        XmlSigning.transform(
                                                "http://www.w3.org/TR/1999/REC-xpath-19991116",
                                                new XPathFilterParameterSpec(
                                                        "not(ancestor-or-self::*[local-name()="
                                                                + "'NameID'])")),
                                        XmlSigning.transform(Names.EXCLUSIVE)))
                        .sign(plain, "_response-1"));
        refuse(
                "transform-inclusive-canonicalization",
                "saml_signature_transforms",
                own().transforms(() ->
                                List.of(
                                        XmlSigning.transform(Names.ENVELOPED),
                                        XmlSigning.transform(
                                                "http://www.w3.org/TR/2001/REC-xml-c14n-20010315")))
                        .sign(plain, "_response-1"));
        refuse(
                "transform-with-comments",
                "saml_signature_transforms",
                own().transforms(() ->
                                List.of(
                                        XmlSigning.transform(Names.ENVELOPED),
                                        XmlSigning.transform(Names.EXCLUSIVE + "WithComments")))
                        .sign(plain, "_response-1"));
    }

    private void transforms() {
        String plain = answer().signed(false, false).xml();
        refuse(
                "transform-enveloped-only",
                "saml_signature_transforms",
                own().transforms(() -> List.of(XmlSigning.transform(Names.ENVELOPED)))
                        .sign(plain, "_response-1"));
        refuse(
                "transform-repeated",
                "saml_signature_transforms",
                own().transforms(() ->
                                List.of(
                                        XmlSigning.transform(Names.ENVELOPED),
                                        XmlSigning.transform(Names.EXCLUSIVE),
                                        XmlSigning.transform(
                                                Names.EXCLUSIVE,
                                                new ExcC14NParameterSpec(List.of("saml")))))
                        .sign(plain, "_response-1"));
        refuse(
                "transform-xslt",
                "saml_signature_transforms",
                answer().xml()
                        .replaceFirst(
                                "<ds:Transform Algorithm=\"" + Names.EXCLUSIVE + "\"/>",
                                "<ds:Transform Algorithm=\"http://www.w3.org/TR/1999/"
                                        + "REC-xslt-19991116\"><xsl:stylesheet version=\"1.0\""
                                        + " xmlns:xsl=\"http://www.w3.org/1999/XSL/Transform\"/>"
                                        + "</ds:Transform>"));
        refuse(
                "canonicalization-inclusive",
                "saml_signature_form",
                own().canonicalization("http://www.w3.org/TR/2001/REC-xml-c14n-20010315")
                        .sign(plain, "_response-1"));
        refuse(
                "two-references",
                "saml_signature_form",
                answer().xml().replaceFirst("(?s)(<ds:Reference .*?</ds:Reference>)", "$1$1"));
        refuse(
                "manifest-in-place-of-signed-info",
                "saml_signature_form",
                answer().xml().replaceFirst("<ds:SignedInfo>", "<ds:Manifest/><ds:SignedInfo>"));
    }

    private static String transplanted(String donor, String into) {
        String signature = donor.replaceAll("(?s).*(<ds:Signature .*</ds:Signature>).*", "$1");
        return into.replaceAll(
                "(?s)<ds:Signature .*</ds:Signature>",
                java.util.regex.Matcher.quoteReplacement(signature));
    }
}
