package atlas.vectors;

/** What an item says of itself, for filters to look at. */
public sealed interface Attribute {
    /** Words. */
    record Text(String value) implements Attribute {}

    /** A finite number. */
    record Number(double value) implements Attribute {
        public Number {
            if (!Double.isFinite(value)) {
                throw new IllegalArgumentException("an attribute is a finite number");
            }
        }
    }

    /** Yes or no. */
    record Flag(boolean value) implements Attribute {}
}
