package atlas.journal;

import atlas.core.AuditEvent;
import atlas.core.AuditEvent.Actor;

/**
 * Whom a fact is kept about, and under whose keys it therefore lies: who acted, or whom an alert or
 * the end of a session is about. Nobody, where Atlas itself acted or a stranger did.
 */
record Subject(String tenant, String principal) {
    /** Facts about nobody we know. */
    static final Subject NOBODY = new Subject("", "");

    private static final String OURSELVES = "atlas:";

    /** The subject of a fact. */
    static Subject of(AuditEvent event) {
        return switch (event) {
            case AuditEvent.ProcessStarted _,
                    AuditEvent.ProcessStopped _,
                    AuditEvent.AccessRefused _,
                    AuditEvent.AccessRefusals _,
                    AuditEvent.SubjectErased _,
                    AuditEvent.LogChartered _ ->
                    NOBODY;
            case AuditEvent.SessionEnded e -> of(e.actor().tenant(), e.principal());
            case AuditEvent.AlertRaised e -> of(e.tenant(), e.principal());
            case AuditEvent.SessionOpened e -> of(e.actor());
            case AuditEvent.InferenceIntent e -> of(e.actor());
            case AuditEvent.InferenceOutcome e -> of(e.actor());
            case AuditEvent.InferenceDenied e -> of(e.actor());
            case AuditEvent.TokenIssued e -> of(e.actor());
            case AuditEvent.TokenRefused e -> of(e.actor());
            case AuditEvent.AdminAct e -> of(e.actor());
            case AuditEvent.ModelChanged e -> of(e.actor());
            case AuditEvent.VectorsUsed e -> of(e.actor());
            case AuditEvent.KeyUsed e -> of(e.actor());
            case AuditEvent.JournalRead e -> of(e.actor());
            case AuditEvent.JournalExported e -> of(e.actor());
            case AuditEvent.BackupCreated e -> of(e.actor());
            case AuditEvent.BackupVerified e -> of(e.actor());
            case AuditEvent.BackupRestored e -> of(e.actor());
        };
    }

    private static Subject of(Actor actor) {
        boolean ours =
                actor.credentialKind().equals("none") && actor.principal().startsWith(OURSELVES);
        return ours ? NOBODY : of(actor.tenant(), actor.principal());
    }

    private static Subject of(String tenant, String principal) {
        return principal.isEmpty() ? NOBODY : new Subject(tenant, principal);
    }
}
