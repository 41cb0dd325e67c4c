package atlas.segmentation.graph;

import java.util.List;
import java.util.Optional;

/**
 * A group of workloads that the policy treats alike.
 *
 * @param blocks its addresses; disjoint from those of every other segment
 * @param pods its pods, where the file gives them
 * @param identities SPIFFE IDs, {@code *} standing for any run of characters
 * @param interfaces the router's interfaces behind which it is
 * @param hosts addresses of it at which something listens, for probing
 * @param ruled whether the policy has an entry for it, or only names it
 */
public record Segment(
        String name,
        List<Block> blocks,
        Optional<Pods> pods,
        List<String> identities,
        List<String> interfaces,
        List<String> hosts,
        int monitoringPort,
        boolean ruled) {
    /** Every address that lies in no segment. */
    public static final String EXTERNAL = "external";

    /** Where metrics and health are read unless the file says otherwise. */
    public static final int MONITORING_PORT = 9090;

    public Segment {
        blocks = blocks.stream().sorted().toList();
        identities = List.copyOf(identities);
        interfaces = List.copyOf(interfaces);
        hosts = List.copyOf(hosts);
    }

    /** What lies outside of all segments. */
    public static Segment external() {
        return new Segment(
                EXTERNAL,
                List.of(),
                Optional.empty(),
                List.of(),
                List.of(),
                List.of(),
                MONITORING_PORT,
                false);
    }

    public boolean isExternal() {
        return name.equals(EXTERNAL);
    }

    public List<Block> blocks(Family family) {
        return blocks.stream().filter(block -> block.family() == family).toList();
    }
}
