/**
 * TLS contexts and the judgement of peer certificates. Doors: {@link
 * atlas.runtime.tls.TlsContexts}, {@link atlas.runtime.tls.PeerTrust}. Never here: TLS below 1.3,
 * session resumption, a key outside memory, a certificate accepted without its purpose. RFC 8446,
 * RFC 5280, SPIFFE X.509-SVID.
 */
package atlas.runtime.tls;
