package atlas.watch;

import atlas.core.AuditEvent;
import atlas.core.AuditEvent.AccessRefused;
import atlas.core.AuditEvent.Actor;
import atlas.core.AuditEvent.AdminAct;
import atlas.core.AuditEvent.Content;
import atlas.core.AuditEvent.GuardReport;
import atlas.core.AuditEvent.InferenceDenied;
import atlas.core.AuditEvent.InferenceIntent;
import atlas.core.AuditEvent.InferenceOutcome;
import atlas.core.AuditEvent.InferenceParameters;
import atlas.core.AuditEvent.ModelIdentity;
import atlas.core.Digest;
import atlas.core.ModelRef;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Facts as the gateway records them. */
final class Events {
    private static final Digest ZERO = Digest.of(new byte[32]);
    private static final ModelIdentity MODEL =
            new ModelIdentity(new ModelRef("tiny", 1), ZERO, "signer");
    private static final GuardReport NONE = GuardReport.skipped(0);
    private static final Content TEXT = new Content("digest", 0, ZERO, Optional.empty());

    private Events() {}

    static Actor actor(String principal, String key, String source) {
        return new Actor(principal, "default", "api_key", key, source);
    }

    static AuditEvent refused(String source) {
        return new AccessRefused("req", source, "POST", "/v1", "key_unknown", "");
    }

    static AuditEvent denied(Actor actor) {
        return new InferenceDenied(
                "req",
                actor,
                "chat",
                "tiny",
                "decide",
                "forbidden",
                "",
                "",
                NONE,
                Optional.empty());
    }

    static AuditEvent admin(Actor actor, String outcome) {
        return new AdminAct("req", actor, "key.issue", "key:*", outcome, "", "");
    }

    static AuditEvent intent(Actor actor) {
        return new InferenceIntent(
                "req",
                actor,
                "chat",
                MODEL,
                "p",
                new InferenceParameters(
                        false, Optional.empty(), Optional.empty(), Optional.empty(), List.of()),
                NONE,
                TEXT);
    }

    static AuditEvent outcome(Actor actor, long input, long output) {
        return new InferenceOutcome(
                "req",
                actor,
                0,
                MODEL,
                "node",
                "ok",
                List.of("stop"),
                List.of(),
                input,
                output,
                Duration.ofMillis(5),
                Duration.ofMillis(50),
                NONE,
                TEXT,
                "");
    }
}
