/**
 * Witnessing over the network: the way from a log to its witnesses, and a witness's own two pages.
 */
package atlas.control.witness;
