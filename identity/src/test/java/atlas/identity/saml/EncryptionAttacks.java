package atlas.identity.saml;

/** Encrypted assertions, by bad methods and in bad places. */
final class EncryptionAttacks extends Forge {
    EncryptionAttacks(TestIdp idp) {
        super(idp);
        methods();
        places();
    }

    private void methods() {
        Sealing good = Sealing.to(idp);
        String encrypted = answer().encrypted(good);
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
        refuse(
                "encrypted-part-swapped-for-another",
                "saml_signature_untrusted",
                encrypted.replaceAll(
                        "(?s)<saml:EncryptedAssertion.*</saml:EncryptedAssertion>",
                        java.util.regex.Matcher.quoteReplacement(
                                good.encrypted(answer().with("name", "mallory").assertion()))));
    }

    private void places() {
        Sealing good = Sealing.to(idp);
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
}
