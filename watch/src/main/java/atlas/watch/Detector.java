package atlas.watch;

import atlas.core.AuditEvent;
import java.time.Instant;
import java.util.Optional;

/**
 * Judges one kind of misbehaviour. Called in journal order by one thread at a time; constant time
 * and bounded memory; remembers subjects, never text.
 */
interface Detector {

    /** What this fact, with those before it, amounts to; empty almost always. */
    Optional<Signal> observe(long index, AuditEvent event, Instant when);
}
