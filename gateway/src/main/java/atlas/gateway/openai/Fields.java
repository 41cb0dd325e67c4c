package atlas.gateway.openai;

import java.util.Set;

/** Which parameters are let in, and what to tell those who send others. */
public final class Fields {
    private static final Set<String> SHARED = Set.of("model", "user");
    private static final Set<String> CHAT =
            Set.of(
                    "messages",
                    "stream",
                    "stream_options",
                    "max_tokens",
                    "max_completion_tokens",
                    "temperature",
                    "top_p",
                    "top_k",
                    "min_p",
                    "n",
                    "stop",
                    "seed",
                    "presence_penalty",
                    "frequency_penalty",
                    "repetition_penalty",
                    "logit_bias",
                    "logprobs",
                    "top_logprobs",
                    "tools",
                    "tool_choice",
                    "parallel_tool_calls",
                    "response_format",
                    "reasoning_effort",
                    "verbosity",
                    "modalities",
                    "metadata",
                    "store",
                    "service_tier",
                    "prompt_cache_key",
                    "safety_identifier");
    private static final Set<String> COMPLETION =
            Set.of(
                    "prompt",
                    "suffix",
                    "stream",
                    "stream_options",
                    "max_tokens",
                    "temperature",
                    "top_p",
                    "top_k",
                    "min_p",
                    "n",
                    "best_of",
                    "stop",
                    "seed",
                    "presence_penalty",
                    "frequency_penalty",
                    "repetition_penalty",
                    "logit_bias",
                    "logprobs",
                    "echo");
    private static final Set<String> EMBEDDING = Set.of("input", "encoding_format", "dimensions");

    /** Accepted for the sake of clients; the engine has no need of them. */
    private static final Set<String> DROPPED =
            Set.of("user", "metadata", "service_tier", "prompt_cache_key", "safety_identifier");

    private Fields() {}

    static boolean isKnown(Operation operation, String name) {
        if (SHARED.contains(name)) {
            return true;
        }
        return switch (operation) {
            case CHAT -> CHAT.contains(name);
            case COMPLETION -> COMPLETION.contains(name);
            case EMBEDDING -> EMBEDDING.contains(name);
        };
    }

    static boolean isDropped(String name) {
        return DROPPED.contains(name);
    }

    /** The end of the sentence that refuses an unknown parameter. */
    static String hint(String name) {
        return switch (name) {
            case "functions", "function_call" -> "takes; use `tools` and `tool_choice`";
            case "prediction", "web_search_options", "audio" ->
                    "takes; what it brings in cannot be inspected";
            default -> "knows; remove it";
        };
    }

    static String whyOff(String name) {
        return switch (name) {
            case "store" -> "must be false: answers are kept in the journal only";
            case "echo" -> "must be false: an answer holds only what the model made";
            default -> "cannot be asked for: it would carry text around the output filter";
        };
    }

    /** A name from the body, made safe to show: short and printable. */
    public static String shown(String name) {
        StringBuilder shown = new StringBuilder();
        for (int i = 0; i < Math.min(name.length(), 64); i++) {
            char c = name.charAt(i);
            shown.append(c > ' ' && c < 0x7f && c != '`' ? c : '?');
        }
        return shown.toString();
    }
}
