/**
 * What every target has in common: the text compiled for it, what that text does not hold, and
 * where it differs from the graph.
 *
 * <p>A {@link atlas.segmentation.target.Backend} compiles, and reads compiled text again; the two
 * halves share no code but the words of this package.
 */
package atlas.segmentation.target;
