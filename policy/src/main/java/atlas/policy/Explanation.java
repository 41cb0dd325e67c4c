package atlas.policy;

import java.util.List;

/**
 * Why policy says what it says.
 *
 * @param decision what {@link PolicyDecisionPoint#decide} would say now
 * @param rule the rule that decided, in words
 * @param missing what would have to change for a yes, one step each; empty when it is a yes
 */
public record Explanation(Decision decision, String rule, List<String> missing) {
    public Explanation {
        missing = List.copyOf(missing);
    }
}
