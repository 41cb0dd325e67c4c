/**
 * Ways to a receiver: file, syslog over TLS (RFC 5425), HTTPS, Kafka. Door: {@link
 * atlas.export.send.Destination}.
 *
 * <p>Never happens here: TLS below 1.3, a certificate that does not lead to a pinned root, a
 * redirect followed, a proxy used, a batch called delivered that the receiver did not confirm.
 */
package atlas.export.send;
