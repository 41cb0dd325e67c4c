package atlas.node.engine;

/**
 * What an engine does with its model.
 *
 * @param generates whether it continues text
 * @param embeds whether it makes embeddings
 * @param logprobs whether tokens come with their log probability
 * @param jsonSchema whether an answer can be held to a schema
 * @param contextTokens most tokens of prompt and answer together
 * @param isolation {@code in-process}, {@code sandboxed}, {@code child process} or {@code remote}
 * @param weights {@code verified}, or {@code unproven} where nobody here saw them
 */
public record Capabilities(
        boolean generates,
        boolean embeds,
        boolean logprobs,
        boolean jsonSchema,
        int contextTokens,
        String isolation,
        String weights) {}
