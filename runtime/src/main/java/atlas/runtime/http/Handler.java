package atlas.runtime.http;

/** Answers one exchange. Called on a virtual thread of its own and free to block. */
public interface Handler {
    /**
     * Answers the exchange. An exception, or returning without an answer, becomes a 500 without
     * detail; when the answer had begun, the response is aborted.
     */
    void handle(Exchange exchange) throws Exception;
}
