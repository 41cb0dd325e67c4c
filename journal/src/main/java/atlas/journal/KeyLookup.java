package atlas.journal;

/** What became of the key an entry names. */
sealed interface KeyLookup {

    /** It is here. */
    record Found(DataKey key) implements KeyLookup {}

    /** It was destroyed on purpose: its subject was erased. */
    record Erased() implements KeyLookup {}

    /** It should be here and is not, or cannot be read. */
    record Lost(String why) implements KeyLookup {}
}
