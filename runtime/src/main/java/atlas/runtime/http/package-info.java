/**
 * The HTTP edge and the upstream client. Doors: {@link atlas.runtime.http.HttpEdge}, {@link
 * atlas.runtime.http.Upstream}. Never here: who may call, what a body means. No plaintext listener,
 * no TLS below 1.3, no key on disk. RFC 9110, 9112, 9113, 8446.
 */
package atlas.runtime.http;
