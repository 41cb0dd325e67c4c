package atlas.journal;

import atlas.core.Digest;
import atlas.core.crypto.KeyUnavailableException;
import atlas.core.crypto.SealBrokenException;
import atlas.journal.store.Frame;
import atlas.journal.store.TileStore;
import atlas.tlog.MalformedException;
import atlas.tlog.TilePath;
import atlas.tlog.TreeHasher;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads entries, from bundles or, until a checkpoint covers them, from the write-ahead log, and
 * opens them. Remembers the last bundle, so it belongs to one reader.
 */
final class EntryReader {
    private static final int TRIES = 3;

    /** What is read of a fact whose key is lost. */
    private static final byte[] LOST =
            ("{\"kind\":\"" + JournalEntry.LOST + "\"}").getBytes(StandardCharsets.UTF_8);

    /** What is left of a fact whose subject was erased. */
    private static final byte[] ERASED =
            ("{\"kind\":\"" + JournalEntry.ERASED + "\"}").getBytes(StandardCharsets.UTF_8);

    /** What is read of an entry of a shared log that another member sealed. */
    private static final byte[] ELSEWHERE =
            ("{\"kind\":\"" + JournalEntry.SEALED + "\"}").getBytes(StandardCharsets.UTF_8);

    private final TileStore store;
    private final Standing standing;
    private final JournalKeys keys;
    private final SubjectKeys subjects;
    private long first = -1;
    private List<byte[]> entries = List.of();

    EntryReader(TileStore store, Standing standing, JournalKeys keys, SubjectKeys subjects) {
        this.store = store;
        this.standing = standing;
        this.keys = keys;
        this.subjects = subjects;
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

    /**
     * The entry's JSON; of an erased one, of one sealed elsewhere and of one whose key is lost,
     * that it is so: one of these must not keep anybody from all others.
     */
    byte[] json(long index, Envelope envelope) {
        if (envelope.inTheOpen()) {
            return envelope.payload().clone();
        }
        if (!standing.ours(envelope.emitter())) {
            return ELSEWHERE.clone();
        }
        Optional<byte[]> plain;
        try {
            plain = plain(index, envelope);
        } catch (JournalException e) {
            if (lost(index, envelope)) {
                return LOST.clone();
            }
            throw e;
        }
        if (plain.isEmpty()) {
            return ERASED.clone();
        }
        return envelope.commitment().length == 0
                ? plain.get()
                : committed(index, envelope, plain.get()).json();
    }

    /** The statement of an entry, with its salt; empty when it makes none, or was erased. */
    Optional<Committed> committed(long index) {
        Envelope envelope = envelope(index);
        return envelope.commitment().length == 0 || !standing.ours(envelope.emitter())
                ? Optional.empty()
                : plain(index, envelope).map(plain -> committed(index, envelope, plain));
    }

    private static Committed committed(long index, Envelope envelope, byte[] plain) {
        try {
            return Committed.decode(plain, envelope.commitment());
        } catch (MalformedException e) {
            throw new JournalException("entry " + index + ": " + e.getMessage(), e);
        }
    }

    /** What was sealed; empty when its key was destroyed. */
    private Optional<byte[]> plain(long index, Envelope envelope) {
        try {
            byte[] bound = envelope.associatedData(keys.origin());
            if (envelope.underVaultKey()) {
                return Optional.of(keys.entries().open(payload(envelope), bound));
            }
            return switch (subjects.find(envelope.keyLabel())) {
                case KeyLookup.Found(DataKey key) ->
                        Optional.of(key.open(payload(envelope), bound));
                case KeyLookup.Erased _ -> Optional.empty();
                case KeyLookup.Lost(String why, _) ->
                        throw new JournalException("entry " + index + " cannot be opened: " + why);
            };
        } catch (SealBrokenException | KeyUnavailableException | IOException e) {
            throw new JournalException("entry " + index + " cannot be opened", e);
        }
    }

    private byte[] payload(Envelope envelope) throws IOException {
        return envelope.blob() ? store.readBlob(Digest.of(envelope.payload())) : envelope.payload();
    }

    /** Whether the key of an entry is lost for good, or is another one by now. */
    boolean lost(long index, Envelope envelope) {
        if (envelope.underVaultKey()
                || envelope.inTheOpen()
                || !standing.ours(envelope.emitter())) {
            return false;
        }
        if (subjects.find(envelope.keyLabel()) instanceof KeyLookup.Lost(_, boolean forGood)) {
            return forGood;
        }
        try {
            plain(index, envelope);
            return false;
        } catch (JournalException e) {
            return e.getCause() instanceof SealBrokenException;
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
