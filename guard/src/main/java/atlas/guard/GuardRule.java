package atlas.guard;

import atlas.core.Glob;
import java.util.Optional;

/**
 * The mode for some requests.
 *
 * @param model the models it is about, {@code *} for any run of characters; all when absent
 * @param role whose requests it is about; everybody's when absent
 */
public record GuardRule(Optional<String> model, Optional<String> role, GuardMode mode) {
    public GuardRule {
        if (model.isEmpty() && role.isEmpty()) {
            throw new IllegalArgumentException(
                    "a rule of `guard.rules` names a `model` or a `role`");
        }
        model.ifPresent(Glob::new);
    }
}
