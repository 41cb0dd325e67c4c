package atlas.node.engine;

/**
 * How an engine is.
 *
 * @param alive whether it takes requests
 * @param active requests being worked on
 * @param waiting requests in the queue
 * @param generatedTokens since it was opened
 * @param detail one line for an operator
 */
public record EngineHealth(
        boolean alive, int active, int waiting, long generatedTokens, String detail) {}
