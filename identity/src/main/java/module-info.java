/** Who is calling, and is the machine what it claims. */
@org.jspecify.annotations.NullMarked
module atlas.identity {
    requires transitive atlas.core;
    requires org.slf4j;
    requires com.nimbusds.jose.jwt;
    requires org.conscrypt;
    requires org.bouncycastle.pkix;
    requires org.bouncycastle.provider;
    requires java.net.http;
    requires java.xml;
    requires java.xml.crypto;

    exports atlas.identity;
    exports atlas.identity.oidc;
    exports atlas.identity.revocation;
    exports atlas.identity.saml;
    exports atlas.identity.spending;
    exports atlas.identity.token;
}
