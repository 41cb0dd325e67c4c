package atlas.segmentation.cluster;

import atlas.segmentation.target.Carried;
import atlas.segmentation.target.Range;
import java.util.List;
import java.util.Map;

/**
 * A policy as it was read, whatever its kind: the pods it selects, and what it lets them do.
 *
 * @param isolatesIngress whether what no rule of any policy allows in is denied
 */
record Selected(
        String name,
        Pick pods,
        boolean isolatesIngress,
        boolean isolatesEgress,
        List<Rule> ingress,
        List<Rule> egress) {
    /** Pods by the namespace they are in and the labels they carry; any where there is none. */
    record Pick(String namespace, Map<String, String> labels) {
        static final String ANY = "*";

        boolean picks(Place.Pod pod) {
            return (namespace.equals(ANY) || namespace.equals(pod.namespace()))
                    && pod.labels().entrySet().containsAll(labels.entrySet());
        }
    }

    /** Addresses in a range and in none of the others. */
    record Addresses(Range range, List<Range> except) {}

    /** What one rule lets through, to or from whom. */
    record Rule(boolean anybody, List<Pick> pods, List<Addresses> addresses, Carried carried) {}
}
