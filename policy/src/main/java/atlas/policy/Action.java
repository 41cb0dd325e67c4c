package atlas.policy;

import java.util.Locale;
import java.util.Optional;

/** Everything anybody may ask to do. What is not listed here cannot be permitted. */
public enum Action {
    MODEL_INFER,
    MODEL_LIST,
    MODEL_PUSH,
    MODEL_APPROVE,
    MODEL_RETIRE,
    MODEL_DEPLOY,
    MODEL_ROLLBACK,
    KEY_ISSUE,
    KEY_LIST,
    KEY_ROTATE,
    KEY_REVOKE,
    SESSION_LIST,
    SESSION_REVOKE,
    TOKEN_ISSUE,
    TOKEN_LIST,
    TOKEN_REVOKE,
    ROLE_GRANT,
    ROLE_REVOKE,
    ROLE_LIST,
    POLICY_READ,
    POLICY_EXPLAIN,
    POLICY_WRITE,
    JOURNAL_READ,
    JOURNAL_VERIFY,
    JOURNAL_RETAIN,
    JOURNAL_SHRED,
    JOURNAL_HOLD,
    VAULT_STATUS,
    VAULT_ROTATE,
    VAULT_REKEY,
    BACKUP_LIST,
    BACKUP_CREATE,
    POSTURE_READ,
    POSTURE_MEASURE,
    ALERT_READ,
    ALERT_ACK,
    METRICS_READ,
    EVENTS_READ,
    STATUS_READ,
    WHOAMI,
    BOOTSTRAP_REMOVE,
    WORKLOAD_LIST,
    WORKLOAD_INVITE,
    WORKLOAD_REMOVE,
    VECTORS_CREATE,
    VECTORS_LIST,
    VECTORS_SEARCH,
    VECTORS_WRITE,
    VECTORS_DELETE,
    /** Uses a store that another principal of the tenant owns, beside what is done to it. */
    VECTORS_SHARED;

    private final String wireName = name().toLowerCase(Locale.ROOT).replace('_', '.');

    /** The name used in files, commands and on the wire: {@code model.infer}. */
    public String wireName() {
        return wireName;
    }

    /** The kind of resource it is done to, as {@link Resource#kind} has it. */
    public String kind() {
        int dot = wireName.indexOf('.');
        return dot < 0 ? "self" : wireName.substring(0, dot);
    }

    /** Whether it changes something, or uses a model; looking changes nothing. */
    public boolean changes() {
        return switch (this) {
            case MODEL_LIST,
                    KEY_LIST,
                    SESSION_LIST,
                    TOKEN_ISSUE,
                    TOKEN_LIST,
                    ROLE_LIST,
                    POLICY_READ,
                    POLICY_EXPLAIN,
                    JOURNAL_READ,
                    JOURNAL_VERIFY,
                    VAULT_STATUS,
                    BACKUP_LIST,
                    POSTURE_READ,
                    ALERT_READ,
                    METRICS_READ,
                    EVENTS_READ,
                    STATUS_READ,
                    WORKLOAD_LIST,
                    VECTORS_LIST,
                    VECTORS_SEARCH,
                    VECTORS_SHARED,
                    WHOAMI ->
                    false;
            case MODEL_INFER,
                    MODEL_PUSH,
                    MODEL_APPROVE,
                    MODEL_RETIRE,
                    MODEL_DEPLOY,
                    MODEL_ROLLBACK,
                    KEY_ISSUE,
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
                    ALERT_ACK,
                    WORKLOAD_INVITE,
                    WORKLOAD_REMOVE,
                    VECTORS_CREATE,
                    VECTORS_WRITE,
                    VECTORS_DELETE,
                    BOOTSTRAP_REMOVE ->
                    true;
        };
    }

    /** The action with this wire name; empty when there is none. */
    public static Optional<Action> ofWireName(String name) {
        for (Action action : values()) {
            if (action.wireName.equals(name)) {
                return Optional.of(action);
            }
        }
        return Optional.empty();
    }
}
