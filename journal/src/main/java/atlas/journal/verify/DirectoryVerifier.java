package atlas.journal.verify;

import atlas.core.Digest;
import atlas.journal.tlog.CheckpointText;
import atlas.journal.tlog.MalformedException;
import atlas.journal.tlog.NoteVerifierKey;
import atlas.journal.tlog.TilePath;
import atlas.journal.tlog.TreeHasher;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * One check of one directory, in the order in which belief is built: key, checkpoint, entries
 * against tiles, tiles against the signed root, then what lies beside the tree.
 */
public final class DirectoryVerifier {
    private static final int HASH = TreeHasher.HASH;

    private final Path root;
    private final boolean atlasEntries;
    private final List<String> notes = new ArrayList<>();
    private final TreeHasher hasher = new TreeHasher();
    private final EmitterChains emitters = new EmitterChains();
    private final Surroundings surroundings;

    /** What a directory that holds amounts to. */
    public record Outcome(CheckpointText checkpoint, List<String> notes) {
        public Outcome {
            notes = List.copyOf(notes);
        }
    }

    private DirectoryVerifier(Path root, boolean atlasEntries) {
        this.root = root;
        this.atlasEntries = atlasEntries;
        this.surroundings = new Surroundings(root, notes);
    }

    /** Checks a journal of Atlas. */
    public static Outcome journal(Path root, Optional<String> vkey)
            throws IOException, BrokenException {
        return new DirectoryVerifier(root, true).run(vkey);
    }

    /** Checks any C2SP tlog-tiles directory; entries are taken as they are. */
    public static Outcome anyLog(Path root, String vkey) throws IOException, BrokenException {
        return new DirectoryVerifier(root, false).run(Optional.of(vkey));
    }

    private Outcome run(Optional<String> vkey) throws IOException, BrokenException {
        NoteVerifierKey key = key(vkey);
        if (!atlasEntries) {
            CheckpointText checkpoint =
                    checkpoint(Files.readAllBytes(root.resolve("checkpoint")), key);
            tree(checkpoint);
            return new Outcome(checkpoint, notes);
        }
        try (Snapshot snapshot = Snapshot.take(root)) {
            CheckpointText checkpoint = checkpoint(snapshot.checkpoint(), key);
            StoredTiles stored = tree(checkpoint);
            WalCheck.Tail tail =
                    new WalReading(snapshot.segments(), checkpoint, stored, emitters).run();
            for (WalCheck.Blob blob : tail.blobs()) {
                surroundings.blob(blob.index(), blob.reference());
            }
            notes.addAll(tail.notes());
            new KeptSeries(root, checkpoint, key, stored, tail.leaves()).check(snapshot.kept());
            surroundings.check(checkpoint, tail.total(), snapshot, key);
            return new Outcome(checkpoint, notes);
        }
    }

    /** Checks the entries and the tree over them. */
    private StoredTiles tree(CheckpointText checkpoint) throws IOException, BrokenException {
        StoredTiles stored = new StoredTiles(root, checkpoint.size());
        ComputedTree tree = new ComputedTree(stored);
        long bundles = (checkpoint.size() + TilePath.WIDTH - 1) / TilePath.WIDTH;
        for (long bundle = 0; bundle < bundles; bundle++) {
            tree.addBundle(bundle(bundle, checkpoint, stored));
        }
        if (!tree.finish().equals(checkpoint.root())) {
            throw new BrokenException(
                    -1, "the entries do not add up to the signed root", "checkpoint");
        }
        return stored;
    }

    private NoteVerifierKey key(Optional<String> given) throws IOException, BrokenException {
        Path file = root.resolve("verifier.vkey");
        if (given.isEmpty() || (atlasEntries && Files.exists(file))) {
            String text = Files.readString(file, StandardCharsets.ISO_8859_1);
            if (given.isPresent() && !text.equals(given.get() + "\n")) {
                throw new BrokenException(-1, "not the verifier key given", "verifier.vkey");
            }
            if (!text.endsWith("\n")) {
                throw new BrokenException(-1, "the verifier key was altered", "verifier.vkey");
            }
            return parse(text.substring(0, text.length() - 1));
        }
        return parse(given.get());
    }

    private static NoteVerifierKey parse(String vkey) throws BrokenException {
        try {
            return NoteVerifierKey.parse(vkey);
        } catch (MalformedException e) {
            throw new BrokenException(-1, String.valueOf(e.getMessage()), "verifier.vkey");
        }
    }

    private static CheckpointText checkpoint(byte[] note, NoteVerifierKey key)
            throws BrokenException {
        try {
            return CheckpointText.verified(note, key);
        } catch (MalformedException e) {
            throw new BrokenException(-1, String.valueOf(e.getMessage()), "checkpoint");
        }
    }

    /** Checks one bundle against its tile; gives the leaf hashes. */
    private byte[] bundle(long bundle, CheckpointText checkpoint, StoredTiles stored)
            throws IOException, BrokenException {
        int width = TilePath.width(0, bundle, checkpoint.size());
        Stored.Content read =
                Stored.read(root, w -> TilePath.entries(bundle, w), width)
                        .orElseThrow(() ->
                                new BrokenException(
                                        bundle * TilePath.WIDTH,
                                        "the entries from here on are missing",
                                        TilePath.entries(bundle, TilePath.WIDTH)));
        String path = read.path();
        byte[] content = read.bytes();
        byte[] tile = stored.read(0, bundle);
        ByteBuffer in = ByteBuffer.wrap(content);
        int[] ends = new int[width + 1];
        for (int i = 0; i < width; i++) {
            long index = bundle * TilePath.WIDTH + i;
            byte[] entry = next(in, index, path);
            byte[] leaf = hasher.leaf(entry);
            if (!Arrays.equals(leaf, 0, HASH, tile, i * HASH, (i + 1) * HASH)) {
                throw blame(index, tile, stored, checkpoint.root(), path);
            }
            if (atlasEntries) {
                entry(index, entry, leaf, path);
            }
            ends[i + 1] = in.position();
        }
        if (read.width() == width && in.hasRemaining()) {
            long last = bundle * TilePath.WIDTH + width - 1;
            throw new BrokenException(last, "bytes follow the last entry", path);
        }
        superseded(bundle, content, ends);
        stored.compareSuperseded(0, bundle, tile);
        return tile;
    }

    private static byte[] next(ByteBuffer in, long index, String path) throws BrokenException {
        int length = in.remaining() < 2 ? -1 : Short.toUnsignedInt(in.getShort());
        if (length < 0 || length > in.remaining()) {
            throw new BrokenException(index, "the bundle ends within this entry", path);
        }
        byte[] entry = new byte[length];
        in.get(entry);
        return entry;
    }

    /** Entry and tile differ; says which of the two the signed root was made of. */
    private static BrokenException blame(
            long index, byte[] tile, StoredTiles stored, Digest signedRoot, String bundle)
            throws IOException {
        long number = index / TilePath.WIDTH;
        return stored.vouchedFor(number, tile, signedRoot)
                ? new BrokenException(index, "the entry is not the one that was signed", bundle)
                : new BrokenException(
                        index, "the tile's hash of this entry was altered", stored.path(0, number));
    }

    /** Partial bundles of earlier checkpoints are beginnings of this one. */
    private void superseded(long bundle, byte[] content, int[] ends)
            throws IOException, BrokenException {
        for (Stored.Content partial :
                Stored.partialsUpTo(root, TilePath.entries(bundle, 1), ends.length - 1)) {
            int width = partial.width();
            byte[] stored = partial.bytes();
            byte[] expected = Arrays.copyOf(content, ends[width]);
            int at = Arrays.mismatch(stored, expected);
            if (at >= 0) {
                int slot = 0;
                while (slot < width - 1 && ends[slot + 1] <= at) {
                    slot++;
                }
                throw new BrokenException(
                        bundle * TilePath.WIDTH + slot,
                        "the entry is not the one that was signed",
                        partial.path());
            }
        }
    }

    private void entry(long index, byte[] entry, byte[] leaf, String where)
            throws IOException, BrokenException {
        Optional<EmitterChains.BlobReference> blob = emitters.next(index, entry, leaf, where);
        if (blob.isPresent()) {
            surroundings.blob(index, blob.get());
        }
    }
}
