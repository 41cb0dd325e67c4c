package atlas.segmentation.target;

/** Compiled text with something in it whose meaning is not known here: nothing is proved. */
public final class NotUnderstoodException extends Exception {
    private static final long serialVersionUID = 1L;

    public NotUnderstoodException(int line, String what) {
        super((line > 0 ? "line " + line + ": " : "") + what);
    }
}
