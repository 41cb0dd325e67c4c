package atlas.guard.train;

import atlas.guard.measure.Row;
import atlas.guard.model.Head;

/**
 * Everything that decides what comes out of a training run, beside the data.
 *
 * @param twins how many pairs of documents to make of rows, one with an attack in it and one
 *     without
 * @param own how many pairs to make by the grammar
 * @param foreign how many more in languages other than English, for the linear classifier
 */
record Recipe(
        String id,
        long seed,
        int epochs,
        double ngramRate,
        double denseRate,
        double shrink,
        int twins,
        int own,
        int foreign) {
    static Recipe shipped() {
        return new Recipe("cascade-2026-11", 20261127, 3, 0.15, 0.05, 0.97, 3000, 9600, 7000);
    }

    /** How much a row counts for a head; what the other head is for counts less. */
    double importance(Row row, Head head) {
        boolean document = row.channel().equals("document") || row.channel().equals("tool");
        boolean user = row.channel().equals("user");
        double fit =
                switch (head) {
                    case SPEAKER -> document ? (row.attack() ? 0.3 : 0.7) : 1;
                    case CARRIED -> user ? (row.attack() ? 0.5 : 0.3) : 1;
                };
        return row.attack() ? fit * 1.5 : fit;
    }
}
