package atlas.node.engine;

/**
 * Hears an answer as it is made: tokens in order, then exactly one of {@code finished} and {@code
 * failed}. Called on the engine's own thread, so it must not block.
 */
public interface TokenSink {
    /** Bytes to show now; perhaps part of a character, perhaps none. */
    void token(Token token);

    /** The answer ended. */
    void finished(Finish finish, Usage usage);

    /** The engine broke; what came before stands. */
    void failed(EngineException fault);

    /**
     * One token.
     *
     * @param id its number in the model's vocabulary, or -1 where the engine does not tell
     * @param bytes UTF-8 that may leave now; text that may still become a stop text waits
     * @param logprob natural logarithm of its probability before sampling; NaN where not known
     */
    record Token(int id, byte[] bytes, float logprob) {}

    /** Why an answer ended. */
    enum Finish {
        /** The model or a stop text ended it. */
        STOP,
        /** The limit was reached. */
        LENGTH,
        /** It was called off. */
        CANCELLED
    }

    /** Tokens read and written. */
    record Usage(int promptTokens, int completionTokens) {}
}
