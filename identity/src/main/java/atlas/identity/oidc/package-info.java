/**
 * Signing people in with OpenID Connect: the authorization code flow with PKCE, and logout in both
 * directions. No HTTP server: a process has the paths and hands over what it was sent.
 *
 * <p>What never happens here: a person is taken from anything but an ID token that the configured
 * issuer signed for us, for this browser, just now; a location is followed that the issuer's own
 * discovery document does not name. Standards: OpenID Connect Core, Discovery, RP-Initiated and
 * Back-Channel Logout 1.0; RFC 6749, 7636, 9207, 9700.
 */
package atlas.identity.oidc;
