package atlas.identity.saml;

import static atlas.identity.saml.TestIdp.BASE;
import static atlas.identity.saml.TestIdp.NOW;

/** Logout messages forged, changed, replayed, by both bindings. */
final class LogoutAttacks extends Forge {
    LogoutAttacks(TestIdp idp) {
        super(idp);
        posted();
        answered();
        redirects();
    }

    private void posted() {
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
    }

    private void answered() {
        String good = Logouts.request();
        String answer = Logouts.response("_nobody-asked", Names.SUCCESS);
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
}
