/**
 * SAML 2.0 service provider: metadata, signed requests, strict reading of answers, single logout.
 *
 * <p>The door is {@link atlas.identity.saml.SamlServiceProvider}. Messages are judged by the rules
 * of SAML Core, Bindings and the Web Browser SSO and Single Logout profiles (OASIS 2005, with
 * errata), signatures by XML Signature, encryption by XML Encryption 1.1.
 *
 * <p>Never here: HTTP, an unsigned or SHA-1 signed statement, a document type declaration, a value
 * read from anything but the octets whose digest was signed, a key taken from a message.
 */
package atlas.identity.saml;
