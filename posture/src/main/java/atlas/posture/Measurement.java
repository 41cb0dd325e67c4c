package atlas.posture;

import java.util.List;
import java.util.OptionalLong;

/**
 * What a check found by acting and looking at what came of it.
 *
 * @param summary one line for people
 * @param observations what was seen, in the order it was looked at
 */
public record Measurement(
        Control control, Outcome outcome, String summary, List<Observation> observations) {
    public Measurement {
        observations = List.copyOf(observations);
    }

    /** Whether the control holds; not being able to tell is not holding. */
    public enum Outcome {
        HOLDS,
        FAILS,
        UNKNOWN
    }

    /**
     * One thing seen.
     *
     * @param entry the journal entry that shows it; empty where there is none
     */
    public record Observation(String what, boolean holds, OptionalLong entry) {
        public static Observation good(String what) {
            return new Observation(what, true, OptionalLong.empty());
        }

        public static Observation bad(String what) {
            return new Observation(what, false, OptionalLong.empty());
        }

        public static Observation of(boolean holds, String what) {
            return new Observation(what, holds, OptionalLong.empty());
        }

        public Observation in(long entry) {
            return new Observation(what, holds, OptionalLong.of(entry));
        }
    }

    /** Holds when everything that was seen does, and something was. */
    public static Measurement of(Control control, String summary, List<Observation> seen) {
        boolean holds = !seen.isEmpty() && seen.stream().allMatch(Observation::holds);
        return new Measurement(control, holds ? Outcome.HOLDS : Outcome.FAILS, summary, seen);
    }

    /** It could not be told. */
    public static Measurement unknown(Control control, String why) {
        return new Measurement(control, Outcome.UNKNOWN, why, List.of());
    }

    public boolean holds() {
        return outcome == Outcome.HOLDS;
    }
}
