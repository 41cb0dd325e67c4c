/**
 * Who is calling, and is the machine what it claims.
 *
 * <p>The door is {@link atlas.identity.Authenticator}: one credential in, one {@link
 * atlas.identity.Authentication} out. Credentials are API keys ({@link atlas.identity.ApiKeys}),
 * JWTs of configured issuers ({@link atlas.identity.JwtIssuers}, RFC 7519 and RFC 8725) and
 * workload certificates ({@link atlas.identity.WorkloadTrust}, SPIFFE X.509-SVID). {@link
 * atlas.identity.CertificateAuthority} issues the local ones.
 *
 * <p>Never here: what a caller may do, an anonymous principal, a secret at rest, falling through
 * from one kind of credential to another.
 */
package atlas.identity;
