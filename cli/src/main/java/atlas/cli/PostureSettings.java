package atlas.cli;

import java.nio.file.Path;
import java.util.Optional;

/**
 * How far the rollout must have come before anybody is served: the {@code posture} section.
 *
 * @param rollout the rollout file; the standard one when not given
 * @param requiredPhase every task of this phase and those before it is measured at start, and
 *     nothing is served when one does not hold; 0 for none
 */
public record PostureSettings(Optional<Path> rollout, int requiredPhase) {
    public PostureSettings {
        if (requiredPhase < 0 || requiredPhase > 100) {
            throw new IllegalArgumentException("`required-phase` is 0 to 100");
        }
    }

    public static PostureSettings defaults() {
        return new PostureSettings(Optional.empty(), 0);
    }
}
