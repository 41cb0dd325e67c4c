package atlas.policy;

/**
 * Why a policy file is not taken, and where.
 *
 * @param line counted from 1; 0 when it is about the file as a whole
 * @param column counted from 1, in characters
 * @param policy the id of the policy; empty when it has none or could not be read
 * @param hint what to write instead; may be empty
 */
public record PolicyProblem(int line, int column, String policy, String message, String hint) {

    /** {@code 12:5: message (hint)}. */
    @Override
    public String toString() {
        String where = line == 0 ? "" : line + ":" + column + ": ";
        return where + message + (hint.isEmpty() ? "" : " (" + hint + ")");
    }
}
