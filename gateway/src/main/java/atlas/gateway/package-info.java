/**
 * The enforcement point for inference: every request takes the same journey, or is refused.
 *
 * <p>Read {@link atlas.gateway.RequestJourney} first. What never happens here: an answer to a
 * stranger other than 401, a prompt sent before its intent is durable, a last byte sent before the
 * outcome is, a field forwarded that was not read. When a room is down nothing is sent.
 */
package atlas.gateway;
