package atlas.gateway;

/**
 * Every way in which the gateway says no; how each looks on the wire is {@link GatewayProblems}.
 */
enum Refusal {
    /** Nobody we know. Looks the same on every path. */
    INVALID_CREDENTIAL,
    /** The holder's own, and too old: the one 401 that says why, to the one who proved it. */
    CREDENTIAL_OVERDUE,
    /** What a request under way rested on was taken back; how, only the record says. */
    ACCESS_REVOKED,
    /** Known, but this is not for such callers whatever the name. */
    FORBIDDEN,
    /** No such model, or none for this caller: nobody can tell which. */
    MODEL_NOT_FOUND,
    /** No such path. */
    NOT_FOUND,
    METHOD_NOT_ALLOWED,
    /** No receipt for this caller under that id. */
    RECEIPT_NOT_FOUND,
    /** No such vector store, or none for this caller: nobody can tell which. */
    VECTOR_STORE_NOT_FOUND,
    /** No such item in a vector store that the caller may look at. */
    VECTOR_NOT_FOUND,
    /** More than may be kept; waiting does not mend it. */
    QUOTA_EXCEEDED,
    /** A body that cannot be read in exactly one way. */
    INVALID_REQUEST,
    /** The guard says no. */
    PROMPT_INJECTION,
    REQUEST_TOO_LARGE,
    /** The key sends too often, or the engine has too much to do. */
    RATE_LIMITED,
    /** The key has used what it may use for now. */
    BUDGET_EXHAUSTED,
    /** Something this request needs is down; says nothing about the request. */
    UNAVAILABLE,
    /** The engine failed or made no sense. */
    UPSTREAM_ERROR,
    /** A defect of ours; told without detail. */
    INTERNAL
}
