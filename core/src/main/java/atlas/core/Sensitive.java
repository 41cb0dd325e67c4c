package atlas.core;

/**
 * A value that must not be printed: prompts, keys, tokens, passphrases. Logs, exceptions and
 * debuggers see {@code [sensitive]}; only {@link #reveal} gives the value, so every use can be
 * found by searching for that word. No equality, lest a secret be compared in variable time.
 */
public final class Sensitive<T> {
    private final T value;

    private Sensitive(T value) {
        this.value = value;
    }

    /** Wraps a value. */
    public static <T> Sensitive<T> of(T value) {
        return new Sensitive<>(value);
    }

    /** The value itself; the caller promises not to print it. */
    public T reveal() {
        return value;
    }

    @Override
    public String toString() {
        return "[sensitive]";
    }
}
