package atlas.segmentation.graph;

/** Where in the policy file something was said; the line counts from 1. */
public record Origin(String path, int line) {
    @Override
    public String toString() {
        return path + " (line " + line + ")";
    }
}
