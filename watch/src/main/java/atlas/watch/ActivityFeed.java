package atlas.watch;

import atlas.core.AuditEvent;
import atlas.core.AuditEvent.Actor;
import atlas.core.AuditEvent.AdminAct;
import atlas.core.AuditEvent.Content;
import atlas.core.AuditEvent.GuardReport;
import atlas.core.AuditEvent.InferenceDenied;
import atlas.core.AuditEvent.InferenceIntent;
import atlas.core.AuditEvent.InferenceOutcome;
import atlas.watch.behaviour.Activity;
import atlas.watch.behaviour.Activity.Kind;
import java.time.Instant;
import java.util.Optional;

/**
 * Makes acts of facts: an inference when its outcome is known, joined with what its intent said of
 * the prompt; a denial and an administrative act at once. Not thread-safe.
 */
final class ActivityFeed {
    private static final int UNDER_WAY = 4096;
    private static final double DECISIVE = 0.75;

    private final Recent<Long, Begun> begun = new Recent<>(UNDER_WAY);

    /** What an intent said that its outcome does not. */
    private record Begun(String operation, boolean injected, long prompt) {}

    /** The act that a fact completes, if it does. */
    Optional<Activity> act(long index, AuditEvent event, Instant when) {
        return switch (event) {
            case InferenceIntent e -> {
                begun.put(
                        index,
                        new Begun(
                                e.operation(), injected(e.promptGuard()), fingerprint(e.prompt())));
                yield Optional.empty();
            }
            case InferenceOutcome e -> Optional.of(served(index, e, when));
            case InferenceDenied e ->
                    Optional.of(
                            act(
                                    index,
                                    when,
                                    Kind.INFERENCE,
                                    e.actor(),
                                    e.operation(),
                                    e.model(),
                                    0,
                                    0,
                                    true,
                                    new Begun(
                                            e.operation(),
                                            injected(e.promptGuard()),
                                            e.prompt().map(ActivityFeed::fingerprint).orElse(0L))));
            case AdminAct e ->
                    Optional.of(
                            act(
                                    index,
                                    when,
                                    Kind.ADMINISTRATION,
                                    e.actor(),
                                    e.action(),
                                    "",
                                    0,
                                    0,
                                    e.outcome().equals("denied"),
                                    new Begun(e.action(), false, 0)));
            default -> Optional.empty();
        };
    }

    private Activity served(long index, InferenceOutcome e, Instant when) {
        Begun intent = begun.remove(e.intentIndex());
        return act(
                index,
                when,
                Kind.INFERENCE,
                e.actor(),
                intent == null ? "" : intent.operation(),
                e.model().ref().name(),
                Math.max(0, e.inputTokens()),
                Math.max(0, e.outputTokens()),
                false,
                intent == null ? new Begun("", false, 0) : intent);
    }

    private static Activity act(
            long index,
            Instant when,
            Kind kind,
            Actor actor,
            String operation,
            String model,
            long inputTokens,
            long outputTokens,
            boolean denied,
            Begun intent) {
        return new Activity(
                index,
                when,
                kind,
                actor.principal(),
                actor.tenant(),
                lasting(actor) ? actor.credentialId() : "",
                KeySharingDetector.network(actor.source()).orElse(""),
                actor.credentialKind(),
                "",
                operation,
                model,
                inputTokens,
                outputTokens,
                denied,
                intent.injected(),
                intent.prompt());
    }

    // A token has a new id each time; only what stays the same can be known or asleep.
    private static boolean lasting(Actor actor) {
        return actor.credentialKind().equals("api_key");
    }

    private static boolean injected(GuardReport report) {
        return report.findings().stream()
                .anyMatch(f -> f.type().equals("prompt_injection") || f.score() >= DECISIVE);
    }

    private static long fingerprint(Content prompt) {
        if (!prompt.hashed() || prompt.bytes() == 0) {
            return 0;
        }
        return Fingerprints.of(prompt.sha256().hex());
    }
}
