package atlas.posture;

import java.util.Locale;
import java.util.Optional;

/** How far a task has come. */
public enum Standing {
    /** Nobody says it is done, and it was not found to be. */
    NOT_STARTED,
    /** Somebody says it is done, or it was proven once; it could not be seen this time. */
    CLAIMED,
    /** It was measured, and held. */
    PROVEN,
    /** It was proven, and does not hold any more. */
    REGRESSED;

    /** The name in answers and files: {@code not_started}. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The standing with this name; empty when there is none. */
    public static Optional<Standing> ofWireName(String name) {
        for (Standing standing : values()) {
            if (standing.wireName().equals(name)) {
                return Optional.of(standing);
            }
        }
        return Optional.empty();
    }
}
