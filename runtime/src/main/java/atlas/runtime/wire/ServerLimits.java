package atlas.runtime.wire;

/**
 * The limits of an edge, times in nanoseconds.
 *
 * @param bodyBudget bytes of request bodies that may be held at once by the whole edge
 * @param maxInFlight exchanges that may be unanswered at once
 */
public record ServerLimits(
        int maxHeaderBytes,
        int maxBodyBytes,
        long handshakeNanos,
        long headerNanos,
        long bodyNanos,
        long idleNanos,
        long writeNanos,
        int maxStreams,
        long bodyBudget,
        int maxInFlight) {}
