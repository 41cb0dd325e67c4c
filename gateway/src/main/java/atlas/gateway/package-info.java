/** The enforcement point for inference. */
package atlas.gateway;
