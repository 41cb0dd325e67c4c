package atlas.segmentation.file;

import atlas.segmentation.graph.Origin;
import atlas.segmentation.graph.Ports;
import atlas.segmentation.graph.Protocol;
import org.snakeyaml.engine.v2.nodes.Node;

/**
 * One thing said by one end of a connection.
 *
 * @param owner the segment whose entry it stands in
 * @param peer the other end
 * @param ports every port for a denial
 */
record Rule(
        String owner,
        Direction direction,
        String peer,
        Says says,
        Ports ports,
        Protocol protocol,
        Origin origin,
        Node place) {
    enum Direction {
        INGRESS("from"),
        EGRESS("to");

        private final String word;

        Direction(String word) {
            this.word = word;
        }

        /** The key that names the peer. */
        String word() {
            return word;
        }
    }

    enum Says {
        ALLOWED,
        MONITORING_ONLY,
        DENIED
    }

    String from() {
        return direction == Direction.EGRESS ? owner : peer;
    }

    String to() {
        return direction == Direction.EGRESS ? peer : owner;
    }
}
