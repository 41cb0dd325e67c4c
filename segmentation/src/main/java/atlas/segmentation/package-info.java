/**
 * Where packets may go: one policy, compiled for every place that enforces it, and proved there.
 *
 * <p>The door is {@link atlas.segmentation.Target}: it compiles a graph and holds compiled text
 * against it. {@link atlas.segmentation.file.PolicyFile} reads the graph from a file.
 *
 * <p>Never here: text that leaves without having been proved, a weakening that is not listed, a
 * rule that is not understood and passed over.
 */
package atlas.segmentation;
