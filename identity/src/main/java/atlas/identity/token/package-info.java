/**
 * Tokens of our own: issued for minutes, bound to a key of their holder where there is one, ended
 * at once when what they rest on is taken back.
 *
 * <p>Doors: {@link atlas.identity.token.AtlasTokens} issues and checks (RFC 9068), {@link
 * atlas.identity.token.TokenExchange} is what a token endpoint asks (RFC 8693, RFC 6749), {@link
 * atlas.identity.token.ProofMaker} is the holder's side of DPoP (RFC 9449).
 *
 * <p>Never here: a token that outlives what it was exchanged for or reaches further, a bound token
 * accepted without its proof, a store asked while a token is checked.
 */
package atlas.identity.token;
