package atlas.segmentation.target;

/** Something a target holds less strictly than the policy: what, and what holds it instead. */
public record Weakening(String subject, String what) {
    @Override
    public String toString() {
        return subject + ": " + what;
    }
}
