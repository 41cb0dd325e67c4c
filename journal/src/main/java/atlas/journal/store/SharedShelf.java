package atlas.journal.store;

import java.io.IOException;

/**
 * A shelf that several processes put things on. Under a name that was taken nothing else is ever
 * put: {@link #put} and {@link #keep} refuse other content than what lies there already.
 */
public interface SharedShelf extends Shelf, AutoCloseable {

    /**
     * Puts content under a name that may change, if what lies there is still what was expected;
     * durable when this returns true.
     *
     * @param expected empty when nothing is expected to lie there
     */
    boolean swap(String name, byte[] expected, byte[] content) throws IOException;

    @Override
    void close() throws IOException;

    /** There is something else under the name already. */
    final class TakenException extends IOException {
        private static final long serialVersionUID = 1L;

        public TakenException(String name) {
            super("`" + name + "` is there already, with other content");
        }
    }
}
