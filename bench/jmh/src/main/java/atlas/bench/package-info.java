/**
 * What single steps of a request cost, through the doors of the rooms that do them. Run by {@code
 * bench/micro}; no part of the product and of no default build.
 */
package atlas.bench;
