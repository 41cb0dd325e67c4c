package atlas.journal;

import atlas.core.Digest;
import atlas.core.crypto.KeyUnavailableException;
import atlas.core.crypto.SealBrokenException;
import atlas.journal.store.Frame;
import atlas.journal.store.TileStore;
import atlas.journal.tlog.MalformedException;
import atlas.journal.tlog.TilePath;
import atlas.journal.tlog.TreeHasher;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Map;

/**
 * Reads entries, from bundles or, until a checkpoint covers them, from the write-ahead log, and
 * opens them. Remembers the last bundle, so it belongs to one reader.
 */
final class EntryReader {
    private static final int TRIES = 3;

    private final TileStore store;
    private final Standing standing;
    private final JournalKeys keys;
    private long first = -1;
    private List<byte[]> entries = List.of();

    EntryReader(TileStore store, Standing standing, JournalKeys keys) {
        this.store = store;
        this.standing = standing;
        this.keys = keys;
    }

    /** The sealed entry; {@code index} is below the journal's size. */
    byte[] sealed(long index) {
        if (first < 0 || index < first || index >= first + entries.size()) {
            load(index);
        }
        return entries.get((int) (index - first));
    }

    private void load(long index) {
        for (int attempt = 1; ; attempt++) {
            try {
                if (tryLoad(index)) {
                    return;
                }
            } catch (NoSuchFileException e) {
                // The checkpoint moved on and took its partial bundle along: look again.
                if (attempt == TRIES) {
                    throw new JournalException("entry " + index + " cannot be read", e);
                }
            } catch (IOException e) {
                throw new JournalException("entry " + index + " cannot be read", e);
            }
        }
    }

    private boolean tryLoad(long index) throws IOException {
        long published = standing.checkpoint.size();
        if (index < published) {
            long bundle = index / TilePath.WIDTH;
            entries = store.readBundle(bundle, published);
            first = bundle * TilePath.WIDTH;
            return true;
        }
        Map.Entry<Long, Standing.Batch> batch = standing.tail.floorEntry(index);
        if (batch == null) {
            return false;
        }
        Frame frame = TileStore.readFrame(batch.getValue().place(), batch.getValue().length());
        entries = frame.entries();
        first = frame.firstIndex();
        return index < first + entries.size();
    }

    /** The entry's JSON. */
    byte[] json(long index, Envelope envelope) {
        try {
            byte[] sealed =
                    envelope.blob()
                            ? store.readBlob(Digest.of(envelope.payload()))
                            : envelope.payload();
            byte[] bound =
                    Envelope.associatedData(keys.origin(), envelope.recordId(), envelope.when());
            return keys.entries().open(sealed, bound);
        } catch (SealBrokenException | KeyUnavailableException | IOException e) {
            throw new JournalException("entry " + index + " cannot be opened", e);
        }
    }

    /** The envelope of an entry. */
    Envelope envelope(long index) {
        try {
            return Envelope.decode(sealed(index));
        } catch (MalformedException e) {
            throw new JournalException("entry " + index + ": " + e.getMessage(), e);
        }
    }

    /** The entry, opened. */
    JournalEntry open(long index) {
        Envelope envelope = envelope(index);
        byte[] json = json(index, envelope);
        return new JournalEntry(
                index,
                envelope.when(),
                SearchKeys.of(json).kind(),
                Digest.of(new TreeHasher().leaf(sealed(index))),
                new String(json, StandardCharsets.UTF_8));
    }
}
