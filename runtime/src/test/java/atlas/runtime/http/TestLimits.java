package atlas.runtime.http;

import java.time.Duration;

/** Limits with some of them changed. */
record TestLimits(EdgeLimits limits) {
    static TestLimits of(EdgeLimits limits) {
        return new TestLimits(limits);
    }

    TestLimits maxBodyBytes(int bytes) {
        return of(
                new EdgeLimits(
                        limits.maxHeaderBytes(),
                        bytes,
                        limits.handshakeTimeout(),
                        limits.headerTimeout(),
                        limits.bodyTimeout(),
                        limits.idleTimeout(),
                        limits.writeTimeout(),
                        limits.maxConnections(),
                        limits.maxConnectionsPerSource(),
                        limits.maxConcurrentStreams()));
    }

    /** Every time limit the same. */
    TestLimits times(Duration all) {
        return of(
                new EdgeLimits(
                        limits.maxHeaderBytes(),
                        limits.maxBodyBytes(),
                        all,
                        all,
                        all,
                        all,
                        all,
                        limits.maxConnections(),
                        limits.maxConnectionsPerSource(),
                        limits.maxConcurrentStreams()));
    }

    TestLimits connections(int total, int perSource, int streams) {
        return of(
                new EdgeLimits(
                        limits.maxHeaderBytes(),
                        limits.maxBodyBytes(),
                        limits.handshakeTimeout(),
                        limits.headerTimeout(),
                        limits.bodyTimeout(),
                        limits.idleTimeout(),
                        limits.writeTimeout(),
                        total,
                        perSource,
                        streams));
    }
}
