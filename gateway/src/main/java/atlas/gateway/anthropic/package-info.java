/**
 * The Anthropic dialect: one strict reading of a request into the words of a chat, and the answer
 * of a chat in Anthropic's words.
 *
 * <p>The door is {@link atlas.gateway.anthropic.MessagesReader}, {@link
 * atlas.gateway.anthropic.MessageWriter} and {@link atlas.gateway.anthropic.MessageEvents}. What is
 * forwarded is written from what was read and inspected; what is answered has been through the
 * filter of {@link atlas.gateway.openai}. No I/O, no clocks.
 */
package atlas.gateway.anthropic;
