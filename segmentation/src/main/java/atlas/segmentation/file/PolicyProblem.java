package atlas.segmentation.file;

/** One thing wrong in a policy file; line and column count from 1, 0 when there is no place. */
public record PolicyProblem(int line, int column, String path, String message, String hint) {
    @Override
    public String toString() {
        String where = line > 0 ? line + ":" + column + ": " : "";
        return where + "`" + path + "`: " + message + (hint.isEmpty() ? "" : "; " + hint);
    }
}
