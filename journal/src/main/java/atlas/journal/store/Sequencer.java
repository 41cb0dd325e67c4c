package atlas.journal.store;

import java.io.IOException;

/**
 * Gives entries their places and makes them durable: the one thing in which the drivers of the
 * journal differ when it is written. All but {@link #backlogBytes} belongs to the committer's
 * thread.
 */
public interface Sequencer {

    /** Begins a batch of this emitter's entries, the first with this number. */
    void begin(byte[] emitter, long sequence);

    /** Whether an entry of this length still fits into the batch. */
    boolean fits(int entryLength);

    /** Adds an entry to the batch and returns its leaf hash. */
    byte[] add(byte[] entry);

    /**
     * Gives the entries added since {@link #begin} consecutive places.
     *
     * <p>A driver over a network may take as long as the network is away. It never gives up on a
     * batch that may have been recorded: the numbers of an emitter have no gap.
     *
     * @return the place of the first
     * @throws IOException when it cannot be known what became of them; nothing may follow
     */
    long append() throws IOException;

    /** Makes every batch appended so far durable. */
    void force() throws IOException;

    /** Whether every batch appended so far is durable. */
    boolean forced();

    /** Bytes that wait to be brought into the tree; safe to ask from any thread. */
    long backlogBytes();
}
