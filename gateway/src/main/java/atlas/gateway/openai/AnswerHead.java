package atlas.gateway.openai;

/**
 * What is the same in every part of an answer. Ids are ours, not the engine's: nothing an engine
 * makes up reaches the caller unfiltered.
 *
 * @param created Unix seconds
 */
public record AnswerHead(Operation operation, String requestId, String model, long created) {
    String id() {
        return (operation == Operation.CHAT ? "chatcmpl-" : "cmpl-") + requestId;
    }

    String callId(int choice, int call) {
        return "call_" + requestId + "_" + choice + "_" + call;
    }
}
