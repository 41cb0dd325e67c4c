/** Runs models. */
package atlas.node;
