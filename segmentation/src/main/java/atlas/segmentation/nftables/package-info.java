/**
 * nftables: a compiler, and an interpreter of the part of its language that the compiler uses and
 * that an intruder or a hasty hand would add.
 *
 * <p>The interpreter reads text, from a file or as the kernel lists it. It knows nothing of the
 * compiler; what it does not understand it refuses.
 */
package atlas.segmentation.nftables;
