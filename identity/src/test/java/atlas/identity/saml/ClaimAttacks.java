package atlas.identity.saml;

import static atlas.identity.saml.TestIdp.BASE;
import static atlas.identity.saml.TestIdp.NOW;

/** Genuinely signed, and saying the wrong thing. */
final class ClaimAttacks extends Forge {
    ClaimAttacks(TestIdp idp) {
        super(idp);
        moments();
        addressees();
        identities();
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
}
