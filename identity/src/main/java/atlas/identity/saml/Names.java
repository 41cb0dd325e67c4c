package atlas.identity.saml;

import java.util.Map;
import java.util.Set;

/** Namespaces and identifiers of the standards, and which algorithms are believed. */
final class Names {
    static final String PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol";
    static final String ASSERTION = "urn:oasis:names:tc:SAML:2.0:assertion";
    static final String METADATA = "urn:oasis:names:tc:SAML:2.0:metadata";
    static final String SIGNATURE = "http://www.w3.org/2000/09/xmldsig#";
    static final String ENCRYPTION = "http://www.w3.org/2001/04/xmlenc#";
    static final String ENCRYPTION_11 = "http://www.w3.org/2009/xmlenc11#";

    static final String POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";
    static final String REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";
    static final String SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success";
    static final String RESPONDER = "urn:oasis:names:tc:SAML:2.0:status:Responder";
    static final String BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer";
    static final String ENTITY = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity";
    static final String PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent";
    static final String TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient";
    static final String EMAIL = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress";
    static final String UNSPECIFIED = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified";

    static final String ENVELOPED = SIGNATURE + "enveloped-signature";
    static final String EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#";
    static final String RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
    static final String ECDSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256";

    static final String AES_128_GCM = ENCRYPTION_11 + "aes128-gcm";
    static final String AES_256_GCM = ENCRYPTION_11 + "aes256-gcm";
    static final String RSA_OAEP = ENCRYPTION_11 + "rsa-oaep";
    static final String MGF_SHA256 = ENCRYPTION_11 + "mgf1sha256";
    static final String SHA256 = ENCRYPTION + "sha256";

    /** Signature methods accepted, with the name the JDK gives them; SHA-1 is not among them. */
    static final Map<String, String> SIGNATURES =
            Map.of(
                    RSA_SHA256,
                    "SHA256withRSA",
                    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384",
                    "SHA384withRSA",
                    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
                    "SHA512withRSA",
                    ECDSA_SHA256,
                    "SHA256withECDSA",
                    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384",
                    "SHA384withECDSA",
                    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512",
                    "SHA512withECDSA");

    /** Digest methods accepted. */
    static final Set<String> DIGESTS =
            Set.of(
                    SHA256,
                    "http://www.w3.org/2001/04/xmldsig-more#sha384",
                    "http://www.w3.org/2001/04/xmlenc#sha512");

    private Names() {}
}
