package atlas.segmentation.target;

/**
 * A set of connections on which the text and the policy do not agree.
 *
 * @param open whether the text lets through what the policy denies, or drops what it allows
 * @param where in which situation: the hook, the state of the connection
 */
public record Difference(boolean open, String from, String to, String carried, String where) {
    @Override
    public String toString() {
        return (open ? "open, and denied by the policy: " : "closed, and allowed by the policy: ")
                + from
                + " -> "
                + to
                + " "
                + carried
                + " ("
                + where
                + ")";
    }
}
