package atlas.segmentation.target;

import java.util.List;

/**
 * The text for a target.
 *
 * @param weakenings what the policy demands and this target does not hold; said in the text, too
 */
public record Compiled(String text, List<Weakening> weakenings) {
    public Compiled {
        weakenings = List.copyOf(weakenings);
    }
}
