package atlas.bench;

import atlas.core.AuditEvent;
import atlas.core.AuditEvent.Actor;
import atlas.core.Principal;

/** Facts to record. */
final class Facts {
    private Facts() {}

    /** An act of an administrator with a detail of that many bytes. */
    static AuditEvent act(int bytes) {
        Actor actor = new Actor("ada", Principal.DEFAULT_TENANT, "api_key", "key_1", "192.0.2.1");
        return new AuditEvent.AdminAct(
                "req_0123456789", actor, "key.issue", "key/1", "allowed", "", "x".repeat(bytes));
    }
}
