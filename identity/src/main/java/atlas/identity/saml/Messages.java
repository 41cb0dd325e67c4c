package atlas.identity.saml;

import java.net.URI;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Optional;

/** What we say: requests, answers and our own metadata. */
final class Messages {
    private final SamlConfig config;

    Messages(SamlConfig config) {
        this.config = config;
    }

    byte[] login(String id, SamlConfig.Provider provider, IdpMetadata metadata, Instant now) {
        Xml xml = start("samlp:AuthnRequest", id, metadata.loginUrl(), now);
        xml.attribute("AssertionConsumerServiceURL", config.consumerUrl());
        xml.attribute("ProtocolBinding", Names.POST);
        if (provider.maxAuthenticationAge().isPresent()) {
            // Else a provider's old session would be offered, and refused, again and again.
            xml.attribute("ForceAuthn", "true");
        }
        xml.leaf("saml:Issuer", config.ownName());
        xml.start("samlp:NameIDPolicy").attribute("AllowCreate", "true").end();
        if (!provider.authnContexts().isEmpty()) {
            xml.start("samlp:RequestedAuthnContext").attribute("Comparison", "exact");
            provider.authnContexts().forEach(c -> xml.leaf("saml:AuthnContextClassRef", c));
            xml.end();
        }
        return xml.bytes();
    }

    byte[] logout(String id, SamlSubject subject, URI place, Instant now) {
        Xml xml = start("samlp:LogoutRequest", id, place, now);
        xml.attribute("NotOnOrAfter", now.plusSeconds(300).truncatedTo(ChronoUnit.SECONDS) + "");
        xml.leaf("saml:Issuer", config.ownName());
        xml.start("saml:NameID").attribute("Format", subject.format());
        if (!subject.format().equals(Names.EMAIL) && !subject.format().equals(Names.UNSPECIFIED)) {
            xml.attribute("NameQualifier", subject.issuer());
        }
        if (!subject.spNameQualifier().isEmpty()) {
            xml.attribute("SPNameQualifier", subject.spNameQualifier());
        }
        xml.text(subject.nameId()).end();
        subject.sessionIndex().ifPresent(index -> xml.leaf("samlp:SessionIndex", index));
        return xml.bytes();
    }

    byte[] loggedOut(String id, String inResponseTo, boolean done, URI place, Instant now) {
        Xml xml = start("samlp:LogoutResponse", id, place, now);
        xml.attribute("InResponseTo", inResponseTo);
        xml.leaf("saml:Issuer", config.ownName());
        xml.start("samlp:Status").start("samlp:StatusCode");
        return xml.attribute("Value", done ? Names.SUCCESS : Names.RESPONDER).bytes();
    }

    private static Xml start(String name, String id, URI place, Instant now) {
        return new Xml()
                .start(name)
                .attribute("xmlns:samlp", Names.PROTOCOL)
                .attribute("xmlns:saml", Names.ASSERTION)
                .attribute("ID", id)
                .attribute("Version", "2.0")
                .attribute("IssueInstant", now.truncatedTo(ChronoUnit.SECONDS).toString())
                .attribute("Destination", place.toString());
    }

    /** Our metadata, to be signed (SAML Metadata 2.4.4). */
    byte[] metadata(String id, SamlKeys keys, Instant now) {
        Xml xml =
                new Xml()
                        .start("md:EntityDescriptor")
                        .attribute("xmlns:md", Names.METADATA)
                        .attribute("xmlns:ds", Names.SIGNATURE)
                        .attribute("xmlns:xenc11", Names.ENCRYPTION_11)
                        .attribute("ID", id)
                        .attribute("entityID", config.ownName())
                        .attribute("cacheDuration", "PT1H");
        xml.start("md:SPSSODescriptor")
                .attribute("AuthnRequestsSigned", "true")
                .attribute("WantAssertionsSigned", "true")
                .attribute("protocolSupportEnumeration", Names.PROTOCOL);
        keys.published(now).forEach(c -> key(xml, "signing", c, false));
        key(xml, "encryption", keys.encryptTo(), true);
        for (String binding : new String[] {Names.REDIRECT, Names.POST}) {
            xml.start("md:SingleLogoutService")
                    .attribute("Binding", binding)
                    .attribute("Location", config.logoutUrl())
                    .end();
        }
        for (String format : new String[] {Names.PERSISTENT, Names.EMAIL, Names.UNSPECIFIED}) {
            xml.leaf("md:NameIDFormat", format);
        }
        xml.start("md:AssertionConsumerService")
                .attribute("Binding", Names.POST)
                .attribute("Location", config.consumerUrl())
                .attribute("index", "0")
                .attribute("isDefault", "true");
        return xml.bytes();
    }

    private static void key(
            Xml xml, String use, java.security.cert.X509Certificate certificate, boolean methods) {
        xml.start("md:KeyDescriptor").attribute("use", use);
        xml.start("ds:KeyInfo").start("ds:X509Data");
        try {
            xml.leaf(
                    "ds:X509Certificate",
                    Base64.getEncoder().encodeToString(certificate.getEncoded()));
        } catch (java.security.cert.CertificateEncodingException e) {
            throw new IllegalStateException("our own certificate has an encoding", e);
        }
        xml.end().end();
        if (methods) {
            for (String cipher : new String[] {Names.AES_256_GCM, Names.AES_128_GCM}) {
                xml.start("md:EncryptionMethod").attribute("Algorithm", cipher).end();
            }
            xml.start("md:EncryptionMethod").attribute("Algorithm", Names.RSA_OAEP);
            xml.start("ds:DigestMethod").attribute("Algorithm", Names.SHA256).end();
            xml.start("xenc11:MGF").attribute("Algorithm", Names.MGF_SHA256).end();
            xml.end();
        }
        xml.end();
    }

    /** Where an answer of ours to a provider's request goes. */
    static Optional<IdpMetadata.Endpoint> logoutPlace(IdpMetadata metadata) {
        return metadata.logouts().stream().findFirst();
    }
}
