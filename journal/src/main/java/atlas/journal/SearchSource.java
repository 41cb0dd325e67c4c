package atlas.journal;

import atlas.core.Digest;
import atlas.journal.search.IndexKey;
import atlas.journal.search.SearchIndex;
import atlas.journal.search.Terms;
import atlas.journal.store.TileStore;
import java.io.IOException;

/** The log as its search index asks it. Thread-safe. */
final class SearchSource implements SearchIndex.Source {
    private final TileStore store;
    private final Standing standing;
    private final IndexKey key;

    /** Guarded by this. */
    private final EntryReader reader;

    SearchSource(
            TileStore store,
            Standing standing,
            JournalKeys keys,
            SubjectKeys subjects,
            IndexKey key) {
        this.store = store;
        this.standing = standing;
        this.key = key;
        this.reader = new EntryReader(store, standing, keys, subjects);
    }

    @Override
    public synchronized Terms terms(long index) {
        Envelope envelope = reader.envelope(index);
        try {
            return SearchKeys.of(reader.json(index, envelope)).blind(key, envelope.when());
        } catch (JournalException e) {
            // An index that needed every key could not be made after an older copy came back.
            if (reader.lost(index, envelope)) {
                return Terms.none(envelope.when().toEpochMilli());
            }
            throw e;
        }
    }

    @Override
    public Digest subtree(int level, long index) throws IOException {
        return Digest.of(store.node(level, index, standing.checkpoint.size()));
    }

    @Override
    public Digest root(long size) throws IOException {
        return new TileRoots(store).root(size, standing.checkpoint.size());
    }

    @Override
    public long first() {
        return standing.first;
    }
}
