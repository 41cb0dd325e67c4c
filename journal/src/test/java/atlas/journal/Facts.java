package atlas.journal;

import atlas.core.AuditEvent;
import atlas.core.AuditEvent.Actor;

/** Facts to record in tests. */
final class Facts {
    private Facts() {}

    /** An administrative act of {@code principal} with a detail of {@code bytes} characters. */
    static AuditEvent act(String principal, String requestId, int bytes) {
        Actor actor = new Actor(principal, "default", "api_key", "key_1", "192.0.2.1");
        return new AuditEvent.AdminAct(
                requestId, actor, "key.issue", "key/1", "allowed", "", "x".repeat(bytes));
    }

    static AuditEvent act(int number) {
        return act("user-" + number % 7, "req_" + number, 40);
    }
}
