package atlas.guard;

import atlas.core.AuditEvent.GuardReport;

/** What the guard says about a prompt; the report is true whatever the outcome. */
public sealed interface Inspection {
    /** What was looked at and what was found, without the text. */
    GuardReport report();

    /** Nothing reached a threshold. */
    record Clean(GuardReport report) implements Inspection {}

    /** Suspicious, not enough to refuse; the prompt may go on and the journal says so. */
    record Flagged(GuardReport report) implements Inspection {}

    /**
     * Must not reach a model.
     *
     * @param reason safe to show to the caller: it names the part, never its text
     */
    record Blocked(GuardReport report, String reason) implements Inspection {}
}
