/**
 * The access graph: which segment may open which connections to which other.
 *
 * <p>Values only. {@link atlas.segmentation.graph.AccessGraph} answers what the policy allows; what
 * it does not name is denied, in both directions and in both families of addresses.
 *
 * <p>Never here: reading of files, text of a target, a default that allows.
 */
package atlas.segmentation.graph;
