package atlas.guard;

import java.util.Locale;

/** What a score means under a configuration. */
public enum Verdict {
    ALLOW,
    FLAG,
    BLOCK;

    /** The name used in files and on the wire: {@code allow}, {@code flag}, {@code block}. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
