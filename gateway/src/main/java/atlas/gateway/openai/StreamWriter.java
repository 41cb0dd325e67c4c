package atlas.gateway.openai;

import atlas.runtime.http.ByteSink;

/**
 * Writes what a {@link StreamRewriter} lets out, in the words of whoever asked. Every text it is
 * given has been through the output filter.
 */
public interface StreamWriter {
    /** The beginning of a choice's message. */
    void role(int choice, ByteSink out);

    /**
     * A piece of a message's field: {@code content}, {@code refusal}, {@code reasoning_content}.
     */
    void delta(int choice, String field, String text, ByteSink out);

    /** A piece of a completion. */
    void text(int choice, String text, ByteSink out);

    /** The beginning of a tool call. */
    void call(int choice, int call, String name, ByteSink out);

    /** A piece of a tool call's arguments. */
    void arguments(int choice, int call, String text, ByteSink out) throws BrokenAnswer;

    /** The end of a choice. */
    void finish(int choice, String reason, ByteSink out);

    /** Tokens used, when the caller asked for an event of their own. */
    void usage(long prompt, long completion, long total, ByteSink out);

    /** Whether there is one message only, in which thoughts have no place. */
    boolean single();

    /** What says that the stream is complete; leaves when the outcome is recorded. */
    byte[] end(AnswerSummary summary) throws BrokenAnswer;
}
