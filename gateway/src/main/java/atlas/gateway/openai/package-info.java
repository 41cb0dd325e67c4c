/**
 * The OpenAI dialect: one strict reading of a request, one filtered rewriting of an answer.
 *
 * <p>The door is {@link atlas.gateway.openai.RequestReader}, {@link
 * atlas.gateway.openai.AnswerRewriter} and {@link atlas.gateway.openai.StreamRewriter}. What never
 * happens here: a byte is forwarded that was not read, text reaches a caller that no filter saw, or
 * a field is passed on because nobody knew it. No I/O, no clocks, no rooms but the guard's words.
 */
package atlas.gateway.openai;
