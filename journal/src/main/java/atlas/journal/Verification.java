package atlas.journal;

import atlas.core.Digest;
import java.util.List;

/** What checking a log directory gave. */
public sealed interface Verification {

    /**
     * Everything in the directory is what was signed.
     *
     * @param size entries under the signed checkpoint
     * @param notes what a reader should know and what is no fault, such as entries still on their
     *     way to the next checkpoint
     */
    record Holds(long size, String origin, Digest root, List<String> notes)
            implements Verification {
        public Holds {
            notes = List.copyOf(notes);
        }
    }

    /**
     * Something is not what was signed.
     *
     * @param index the first entry concerned, or -1 when it is not one entry
     * @param where the file, relative to the directory
     */
    record Broken(long index, String what, String where) implements Verification {}

    /** It could not be told: a file could not be read. */
    record Unreadable(String why) implements Verification {}
}
