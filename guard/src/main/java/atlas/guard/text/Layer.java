package atlas.guard.text;

/** How a view was read out of the text. */
public enum Layer {
    /** The text as it stands, folded. */
    PLAIN,
    /** Digits and signs read as the letters they resemble. */
    LEET,
    /** Letters that stood apart, pushed together. */
    SPACED,
    /** Read from the end. */
    REVERSED,
    /** Letters turned by thirteen. */
    ROT13,
    /** URL percent signs, HTML entities and backslash escapes resolved. */
    ESCAPED,
    /** A base64 run, decoded. */
    BASE64,
    /** A run of hexadecimal or binary digits, decoded. */
    HEX,
    /** What invisible tag characters or variation selectors spell. */
    INVISIBLE
}
