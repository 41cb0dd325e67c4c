package atlas.journal;

import atlas.core.AuditEvent;
import java.time.Instant;

/** A fact that has just become durable, as listeners are told of it. */
public record Appended(long index, AuditEvent event, Instant when) {}
