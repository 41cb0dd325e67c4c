package atlas.journal;

/** What became of the key an entry names. */
sealed interface KeyLookup {

    /** It is here. */
    record Found(DataKey key) implements KeyLookup {}

    /** It was destroyed on purpose: its subject was erased. */
    record Erased() implements KeyLookup {}

    /**
     * It should be here and is not, or cannot be read.
     *
     * @param forGood whether it will not be there later either, unless somebody puts it back
     */
    record Lost(String why, boolean forGood) implements KeyLookup {}
}
