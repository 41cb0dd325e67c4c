package atlas.journal;

import atlas.core.AuditEvent;
import atlas.core.AuditEvent.Actor;
import atlas.core.ModelRef;
import atlas.core.Sensitive;
import atlas.core.crypto.Hashes;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** Facts to record in tests. */
final class Facts {
    private Facts() {}

    /** An administrative act of {@code principal} with a detail of {@code bytes} characters. */
    static AuditEvent act(String principal, String requestId, int bytes) {
        Actor actor = new Actor(principal, "default", "api_key", "key_1", "192.0.2.1");
        return new AuditEvent.AdminAct(
                requestId, actor, "key.issue", "key/1", "allowed", "", "x".repeat(bytes));
    }

    /** The intent of {@code principal} to ask a model, its prompt kept. */
    static AuditEvent intent(String principal, String requestId, String prompt) {
        byte[] body = prompt.getBytes(StandardCharsets.UTF_8);
        return new AuditEvent.InferenceIntent(
                requestId,
                new Actor(principal, "default", "api_key", "key_1", "192.0.2.1"),
                "chat",
                new AuditEvent.ModelIdentity(
                        new ModelRef("small", 1), Hashes.sha256("model"), "signer"),
                "role:consumer",
                new AuditEvent.InferenceParameters(
                        false, Optional.empty(), Optional.empty(), Optional.empty(), List.of()),
                AuditEvent.GuardReport.skipped(body.length),
                new AuditEvent.Content(
                        "full",
                        body.length,
                        Hashes.sha256(body),
                        Optional.of(Sensitive.of(prompt))));
    }

    static AuditEvent act(int number) {
        return act("user-" + number % 7, "req_" + number, 40);
    }
}
