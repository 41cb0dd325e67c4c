package atlas.cli;

import java.util.Optional;

/**
 * The {@code health} section: where whoever keeps a process running asks whether it does.
 *
 * @param port on 127.0.0.1 alone; 0 picks a free one; nothing listens when absent
 */
public record HealthSettings(Optional<Integer> port) {
    private static final int MAX_PORT = 65_535;

    public HealthSettings {
        if (port.isPresent() && (port.get() < 0 || port.get() > MAX_PORT)) {
            throw new IllegalArgumentException("`port` is between 0 and 65535");
        }
    }

    /** Nothing listens. */
    public static HealthSettings defaults() {
        return new HealthSettings(Optional.empty());
    }
}
