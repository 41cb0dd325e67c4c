package atlas.runtime.http;

/**
 * A snapshot of an edge's counters since it started; {@code open} and {@code inFlight} are gauges.
 *
 * @param turnedAway connections closed at once because a connection limit was reached
 * @param handshakesFailed connections that never finished a TLS handshake
 * @param refused requests answered 4xx or 503 by the edge itself
 * @param aborted exchanges whose client left, or whose answer failed half way
 * @param timedOut connections or streams ended by a time limit
 * @param floods HTTP/2 connections ended for abuse
 */
public record EdgeStats(
        long open,
        long accepted,
        long turnedAway,
        long handshakesFailed,
        long requests,
        long inFlight,
        long refused,
        long aborted,
        long timedOut,
        long floods) {}
