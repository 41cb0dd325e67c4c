package atlas.journal.verify;

/** Something in the directory is not what was signed. */
public final class BrokenException extends Exception {
    private static final long serialVersionUID = 1L;

    private final long index;
    private final String where;

    BrokenException(long index, String what, String where) {
        super(what);
        this.index = index;
        this.where = where;
    }

    /** The first entry concerned, or -1. */
    public long index() {
        return index;
    }

    /** What is wrong. */
    public String what() {
        return String.valueOf(getMessage());
    }

    /** The file, relative to the directory. */
    public String where() {
        return where;
    }
}
