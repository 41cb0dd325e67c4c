/**
 * SAML sign-in as browsers meet it: {@code /saml/metadata}, {@code /saml/login}, {@code /saml/acs}
 * and {@code /saml/slo}. What a message means is decided in {@code atlas.identity.saml}; here it is
 * taken from a request, and its outcome becomes a session, an end of sessions, or a refusal.
 */
package atlas.control.saml;
