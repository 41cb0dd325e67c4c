package atlas.guard;

import java.util.Locale;

/** What becomes of what the prompt guard finds. */
public enum GuardMode {
    /** Nothing is looked at, and the journal says so. */
    OFF,
    /** Everything is looked at and recorded, and goes on unmarked. */
    SHADOW,
    /** What would be blocked is flagged and goes on. */
    FLAG,
    /** What is found bad is refused. */
    BLOCK;

    /** The name used in files and reports. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
