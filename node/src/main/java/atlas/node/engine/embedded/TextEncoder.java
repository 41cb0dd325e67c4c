package atlas.node.engine.embedded;

/** Turns text into the numbers a model reads; no text becomes a control token. Thread-safe. */
public interface TextEncoder {
    /** The tokens of plain text. */
    int[] encode(String text);
}
