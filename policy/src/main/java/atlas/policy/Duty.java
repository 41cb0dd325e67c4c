package atlas.policy;

import java.util.Optional;

/** The duties that check each other; an action that is nobody's in particular belongs to none. */
enum Duty {
    CONSUME,
    OPERATE,
    PUBLISH,
    SECURE,
    AUDIT;

    /** Whose work an action is. */
    static Optional<Duty> of(Action action) {
        return switch (action) {
            case MODEL_INFER,
                    VECTORS_CREATE,
                    VECTORS_LIST,
                    VECTORS_SEARCH,
                    VECTORS_WRITE,
                    VECTORS_DELETE,
                    VECTORS_SHARED ->
                    Optional.of(CONSUME);
            case MODEL_DEPLOY, MODEL_ROLLBACK -> Optional.of(OPERATE);
            case MODEL_PUSH, MODEL_APPROVE, MODEL_RETIRE -> Optional.of(PUBLISH);
            case KEY_ISSUE,
                    KEY_ROTATE,
                    KEY_REVOKE,
                    SESSION_REVOKE,
                    TOKEN_REVOKE,
                    ROLE_GRANT,
                    ROLE_REVOKE,
                    POLICY_WRITE,
                    JOURNAL_RETAIN,
                    JOURNAL_SHRED,
                    JOURNAL_HOLD,
                    VAULT_ROTATE,
                    VAULT_REKEY,
                    BACKUP_CREATE,
                    POSTURE_MEASURE,
                    WORKLOAD_INVITE,
                    WORKLOAD_REMOVE,
                    BOOTSTRAP_REMOVE ->
                    Optional.of(SECURE);
            case JOURNAL_READ, JOURNAL_VERIFY -> Optional.of(AUDIT);
            case MODEL_LIST,
                    KEY_LIST,
                    SESSION_LIST,
                    TOKEN_ISSUE,
                    TOKEN_LIST,
                    ROLE_LIST,
                    POLICY_READ,
                    POLICY_EXPLAIN,
                    VAULT_STATUS,
                    BACKUP_LIST,
                    POSTURE_READ,
                    ALERT_READ,
                    ALERT_ACK,
                    METRICS_READ,
                    EVENTS_READ,
                    STATUS_READ,
                    WORKLOAD_LIST,
                    WHOAMI ->
                    Optional.empty();
        };
    }

    /** Why one principal may not have both; empty when it may. */
    Optional<String> conflict(Duty other) {
        return this == other ? Optional.empty() : reason(this, other);
    }

    private static Optional<String> reason(Duty one, Duty other) {
        Duty low = one.compareTo(other) < 0 ? one : other;
        Duty high = low == one ? other : one;
        return switch (high) {
            case CONSUME -> Optional.empty();
            case OPERATE -> Optional.empty();
            case PUBLISH ->
                    Optional.of(
                            low == CONSUME
                                    ? "who publishes models does not use them"
                                    : "who approves a model does not deploy it");
            case SECURE ->
                    Optional.of(
                            switch (low) {
                                case CONSUME -> "who grants access does not use it";
                                case OPERATE -> "who grants access does not deploy";
                                case PUBLISH, SECURE, AUDIT -> "who grants access does not publish";
                            });
            case AUDIT -> Optional.of("who audits changes nothing");
        };
    }
}
