package atlas.journal;

import atlas.core.Digest;
import atlas.journal.search.IndexKey;
import atlas.journal.search.SearchIndex;
import atlas.journal.store.Sequencer;
import atlas.journal.store.TileStore;
import atlas.journal.verify.Place;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What a journal stands on: a directory of its own, or a database and a store that it shares with
 * others. Opened, recovered and ready to be written to.
 */
interface Ground {
    Standing standing();

    SearchIndex search();

    /** What makes the terms of the search index blind. */
    IndexKey indexKey();

    /** The keys entries are sealed under. */
    SubjectKeys subjects();

    TileStore store();

    Sequencer sequencer();

    /** Where this journal's emitter was left. */
    Committer.Resume resume();

    /** What brings durable entries into the tree, not yet started. */
    Publishing publishing(JournalConfig config, Consumer<Throwable> poison);

    /** Called by the committer for every durable batch before its writers are told. */
    void placed(long firstIndex, List<Pending> batch, List<Digest> leaves);

    /** Whether an entry can be read before a checkpoint covers it. */
    boolean readsAhead();

    /** What retention last signed; empty when nothing was removed. */
    default Optional<byte[]> retention() throws IOException {
        return Optional.empty();
    }

    /** Keeps what retention signs; durable when this returns. */
    default void keepRetention(String note) throws IOException {
        throw new IOException("this journal is shared with others and keeps all of its entries");
    }

    /** Where the log lies, for checking it. */
    Place place();

    /** Space left on the volume that recording needs. */
    long usable() throws IOException;

    /** How much of what may wait to be brought into the tree does; 1 is all of it, or more. */
    double backlog();

    /** Whether recording must stop until the tree has caught up. */
    default boolean behind() {
        return backlog() > 1;
    }

    /** Puts the last checkpoint that enough witnesses cosigned in place, durably. */
    void keepWitnessed(byte[] note) throws IOException;

    /** Whether a payload that cannot be kept apart is the trouble of its entry alone. */
    boolean payloadsFailAlone();

    /** Why nothing is recorded while a write does not end. */
    String trouble();

    /** Called when a write must not be waited for any longer. */
    void stopping();

    /** What opening found and mended. */
    List<String> notes();

    /**
     * Lets go.
     *
     * @param clean whether everything durable is under the checkpoint of {@code size}
     */
    void close(boolean clean, long size);
}
