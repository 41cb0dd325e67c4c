package atlas.guard.text;

/** A trick of writing seen in a text. */
public enum Mark {
    /** Several invisible characters between visible ones. */
    INVISIBLE_CHARACTERS,
    /** Letters of two alphabets in one word. */
    MIXED_SCRIPT,
    /** Styled or boxed letters from the compatibility areas. */
    STYLED_LETTERS,
    /** A directional override. */
    BIDI_OVERRIDE,
    /** Text spelled in tag characters or variation selectors. */
    SMUGGLED,
    /** Letters replaced by digits and signs. */
    LEET,
    /** Letters set apart. */
    SPACED,
    /** A readable base64, hexadecimal or binary run. */
    ENCODED_RUN,
    /** Readable text behind URL, HTML or backslash escapes. */
    ESCAPES,
    /** More layers than the budget unpacks. */
    OVER_BUDGET
}
