package atlas.bench;

/** Ordinary English of a given length, one byte a character. */
final class Texts {
    private static final String PROSE =
            """
            The reading room opens at nine and closes when the last visitor has found the book \
            they came for. Please write a short notice for the door that says so, in a friendly \
            tone, and mention that the garden may be used in summer. A second paragraph may \
            explain how a card is renewed: one brings the old card to the desk, signs the list, \
            and receives a new one the same afternoon. Children under twelve read free of \
            charge, and so does everybody who helped to carry the shelves when the roof was \
            repaired last autumn. Keep the sentences short, and leave out the telephone number.\
            """;

    private Texts() {}

    static String prose(int bytes) {
        return PROSE.repeat(bytes / PROSE.length() + 1).substring(0, bytes);
    }
}
