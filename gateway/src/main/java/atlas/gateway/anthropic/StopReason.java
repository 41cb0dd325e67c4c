package atlas.gateway.anthropic;

/** Why an answer ended, in Anthropic's words. */
final class StopReason {
    static final String REFUSAL = "refusal";

    private StopReason() {}

    /**
     * @param finishReason in OpenAI's words, which do not tell a stop sequence from an end
     * @param calls whether tools are called; some engines say no more than that they stopped
     */
    static String of(String finishReason, boolean calls) {
        return switch (finishReason) {
            case "length" -> "max_tokens";
            case "tool_calls" -> "tool_use";
            case "content_filter" -> REFUSAL;
            default -> calls ? "tool_use" : "end_turn";
        };
    }
}
