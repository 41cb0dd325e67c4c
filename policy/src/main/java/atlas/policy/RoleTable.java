package atlas.policy;

import static atlas.policy.Action.*;

import atlas.core.Role;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** What each built-in role may do. This file is the policy; what it does not list is refused. */
final class RoleTable {
    private static final Map<Role, Set<Action>> TABLE = new HashMap<>();

    static {
        TABLE.put(
                Role.CONSUMER,
                EnumSet.of(
                        MODEL_INFER,
                        MODEL_LIST,
                        VECTORS_CREATE,
                        VECTORS_LIST,
                        VECTORS_SEARCH,
                        VECTORS_WRITE,
                        VECTORS_DELETE,
                        TOKEN_ISSUE,
                        STATUS_READ,
                        WHOAMI));
        TABLE.put(
                Role.OPERATOR,
                EnumSet.of(
                        MODEL_LIST,
                        MODEL_DEPLOY,
                        MODEL_ROLLBACK,
                        VAULT_STATUS,
                        ALERT_READ,
                        ALERT_ACK,
                        METRICS_READ,
                        EVENTS_READ,
                        TOKEN_ISSUE,
                        POSTURE_READ,
                        STATUS_READ,
                        WORKLOAD_LIST,
                        WHOAMI));
        TABLE.put(
                Role.MODEL_ADMIN,
                EnumSet.of(
                        MODEL_LIST,
                        MODEL_PUSH,
                        MODEL_APPROVE,
                        MODEL_RETIRE,
                        TOKEN_ISSUE,
                        STATUS_READ,
                        WHOAMI));
        TABLE.put(
                Role.SECURITY_ADMIN,
                EnumSet.of(
                        KEY_ISSUE,
                        KEY_LIST,
                        KEY_ROTATE,
                        KEY_REVOKE,
                        SESSION_LIST,
                        SESSION_REVOKE,
                        TOKEN_LIST,
                        TOKEN_REVOKE,
                        ROLE_GRANT,
                        ROLE_REVOKE,
                        ROLE_LIST,
                        POLICY_READ,
                        POLICY_EXPLAIN,
                        POLICY_WRITE,
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
                        TOKEN_ISSUE,
                        STATUS_READ,
                        WHOAMI,
                        WORKLOAD_LIST,
                        WORKLOAD_INVITE,
                        WORKLOAD_REMOVE,
                        BOOTSTRAP_REMOVE));
        TABLE.put(
                Role.AUDITOR,
                EnumSet.of(
                        MODEL_LIST,
                        KEY_LIST,
                        SESSION_LIST,
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
                        TOKEN_ISSUE,
                        STATUS_READ,
                        WORKLOAD_LIST,
                        WHOAMI));
    }

    private RoleTable() {}

    static boolean allows(Role role, Action action) {
        Set<Action> allowed = TABLE.get(role);
        return allowed != null && allowed.contains(action);
    }
}
