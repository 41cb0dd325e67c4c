package atlas.watch.behaviour;

import java.util.Optional;

/**
 * Judges one kind of misbehaviour. Called in the order of time by one thread at a time, before the
 * profile learns of the act; constant time, bounded memory.
 */
interface Rule {

    /** What this act, with those before it, amounts to; empty almost always. */
    Optional<Sign> judge(Activity act, Profile profile);

    /** Its name, in alerts and in the configuration. */
    String name();

    /** Whether it compares with what was learned, so that it falls under the alert budget. */
    default boolean learned() {
        return false;
    }

    /** Whether it compares counts with the usual, which a whole tenant may change at once. */
    default boolean rhythmic() {
        return false;
    }
}
