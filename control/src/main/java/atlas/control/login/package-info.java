/**
 * Signing in at the console: sessions, what protects their cookie, and the seam that every way of
 * signing in ends with.
 *
 * <p>What never happens here: a session's secret is kept, printed or written; a session outlives
 * what vouched for it; a request is believed for its cookie alone when it changes something.
 * Standards: OWASP ASVS 5 chapters 7 (sessions) and 3 (browser security), RFC 6265bis cookies.
 */
package atlas.control.login;
