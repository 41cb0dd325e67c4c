package atlas.node.trainer;

/** The sizes of a model and of the longest batch it is trained on. */
record Shape(
        int vocabulary,
        int width,
        int layers,
        int heads,
        int keyHeads,
        int inner,
        int context,
        int batchTokens,
        int batchLength) {
    int headWidth() {
        return width / heads;
    }

    int keyWidth() {
        return keyHeads * headWidth();
    }

    /** A batch as it lies in memory: sequences one after the other, all of one padded length. */
    record Span(int sequences, int length) {
        Span {
            if (length % 16 != 0) {
                throw new IllegalArgumentException("a padded length is a multiple of 16");
            }
        }

        int tokens() {
            return sequences * length;
        }
    }
}
