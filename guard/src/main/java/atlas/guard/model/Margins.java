package atlas.guard.model;

/** What the two heads of the linear classifier think of a text: its worst window for each. */
public record Margins(Worst speaker, Worst carried) {
    /** The worst window of a text: its margin and where in the original it is. */
    public record Worst(double margin, int start, int end) {}

    /** What a head thinks. */
    public Worst of(Head head) {
        return head == Head.SPEAKER ? speaker : carried;
    }
}
