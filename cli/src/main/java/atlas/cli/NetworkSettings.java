package atlas.cli;

import java.nio.file.Path;
import java.util.Optional;

/**
 * The {@code network} section: which policy holds, and where in it this process is.
 *
 * @param policy the policy file; nothing is held without one
 * @param segment the segment of this process
 */
public record NetworkSettings(Optional<Path> policy, Optional<String> segment) {
    public NetworkSettings {
        if (policy.isPresent() != segment.isPresent()) {
            throw new IllegalArgumentException(
                    "`policy` and `segment` are given together or not at all");
        }
    }

    /** No policy. */
    public static NetworkSettings defaults() {
        return new NetworkSettings(Optional.empty(), Optional.empty());
    }
}
