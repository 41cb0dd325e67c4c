package atlas.control.api;

import java.util.Map;

/**
 * A change that has been thought through and not made: what it touches, how that is now, how it
 * will be, and how to make it so. Only the journey runs the effect, after the journal has it.
 */
record Act(String resource, Map<String, ?> before, Map<String, ?> after, Effect effect) {

    /** Makes the change. */
    interface Effect {
        Done run() throws Exception;
    }

    /**
     * What came of it.
     *
     * @param result what only doing it could tell (a new id), recorded too; empty when nothing
     */
    record Done(Reply reply, Map<String, ?> result) {
        static Done with(Reply reply) {
            return new Done(reply, Map.of());
        }
    }
}
