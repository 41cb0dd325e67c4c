package atlas.segmentation.graph;

import java.util.SequencedMap;

/**
 * Pods of a cluster: those in a namespace that carry all of the labels.
 *
 * @param enforced whether policies may select them; pods others depend on, too, are only named
 */
public record Pods(String namespace, SequencedMap<String, String> labels, boolean enforced) {
    /** The label whose value is the name of a pod's segment, where a file does not say. */
    public static final String LABEL = "atlas/segment";

    /** The namespace in which such pods are. */
    public static final String NAMESPACE = "atlas";
}
