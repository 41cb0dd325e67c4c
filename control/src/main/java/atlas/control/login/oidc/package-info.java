/**
 * Signing in at the console with OpenID Connect: the paths a browser and a provider call.
 *
 * <p>What never happens here: memory is held for a stranger who begins to sign in; a browser is
 * sent anywhere but to a configured provider and back to this console.
 */
package atlas.control.login.oidc;
