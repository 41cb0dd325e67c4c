package atlas.segmentation.target;

import atlas.segmentation.graph.AccessGraph;

/** One kind of text that enforces a policy: how it is written, and what it means. */
public interface Backend {
    /**
     * The same text for the same graph, always.
     *
     * @throws InexpressibleException when the target cannot hold the policy at all
     */
    Compiled compile(AccessGraph graph) throws InexpressibleException;

    /**
     * Works out what this text allows, without knowing how it was made, and holds it against the
     * graph.
     *
     * @throws NotUnderstoodException when the text has something whose meaning is not known here
     */
    Proof prove(String text, AccessGraph graph) throws NotUnderstoodException;
}
