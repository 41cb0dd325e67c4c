package atlas.segmentation.graph;

import java.util.List;

/**
 * An allowed edge: who may open connections to whom, on which ports.
 *
 * @param monitoring whether it is only for reading metrics and health
 * @param origins the rules it comes from: that of the one end, or those of both
 */
public record Flow(
        Segment from,
        Segment to,
        Ports ports,
        Protocol protocol,
        boolean monitoring,
        List<Origin> origins) {
    /** What a monitor may read, and with which methods nothing else. */
    public static final List<String> MONITORED = List.of("/livez", "/metrics", "/readyz");

    public Flow {
        origins = List.copyOf(origins);
    }

    public Transport transport() {
        return protocol.transport();
    }

    /** {@code gateway -> inference tcp/443}. */
    @Override
    public String toString() {
        return from.name() + " -> " + to.name() + " " + transport().lower() + "/" + ports;
    }
}
