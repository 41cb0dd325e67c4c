package atlas.registry.scan;

/** A file is not what its format demands; says what, and at which byte. */
final class Malformed extends Exception {
    private static final long serialVersionUID = 1L;

    private final String what;
    private final long offset;

    Malformed(String what, long offset) {
        super(what, null, false, false);
        this.what = what;
        this.offset = offset;
    }

    String what() {
        return what;
    }

    long offset() {
        return offset;
    }
}
