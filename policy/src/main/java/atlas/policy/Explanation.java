package atlas.policy;

import atlas.policy.Rulebook.Consideration;
import java.util.List;

/**
 * Why policy says what it says.
 *
 * @param decision what {@link PolicyDecisionPoint#decide} would say now
 * @param rule the rule that decided, in words
 * @param missing what would have to change for a yes, one step each; empty when it is a yes
 * @param considered the policies of the file whose head fits, each with what it contributed
 */
public record Explanation(
        Decision decision, String rule, List<String> missing, List<Consideration> considered) {
    public Explanation {
        missing = List.copyOf(missing);
        considered = List.copyOf(considered);
    }

    /** Where no policy file had a part. */
    public Explanation(Decision decision, String rule, List<String> missing) {
        this(decision, rule, missing, List.of());
    }
}
