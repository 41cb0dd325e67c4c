package atlas.journal.verify;

import atlas.tlog.CheckpointText;
import atlas.tlog.MalformedException;
import atlas.tlog.NoteVerifierKey;
import atlas.tlog.TilePath;
import atlas.tlog.TreeHasher;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A log directory as it was at one checkpoint, copied while it is written: closed in order there,
 * without a write-ahead log. What moves is read at once, in the order that {@link Snapshot} reads
 * it; what is full never changes again.
 */
public final class LogCopy {
    private static final int LOOKS = 16;

    private final Path root;
    private final CheckpointText checkpoint;
    private final byte[] note;
    private final Retained retained;
    private final long series;
    private final Map<String, byte[]> moving;

    /** Takes the files of a copy. */
    public interface Sink {
        void file(String path, long bytes, InputStream content) throws IOException;
    }

    private LogCopy(
            Path root,
            CheckpointText checkpoint,
            byte[] note,
            Retained retained,
            long series,
            Map<String, byte[]> moving) {
        this.root = root;
        this.checkpoint = checkpoint;
        this.note = note;
        this.retained = retained;
        this.series = series;
        this.moving = moving;
    }

    /**
     * The log as it is now.
     *
     * @throws BrokenException when what was last published is not what this key signed
     */
    public static LogCopy take(Path root, NoteVerifierKey key) throws IOException, BrokenException {
        for (int look = 1; ; look++) {
            try {
                return once(root, key);
            } catch (NoSuchFileException e) {
                if (look == LOOKS) {
                    throw e;
                }
            }
        }
    }

    private static LogCopy once(Path root, NoteVerifierKey key)
            throws IOException, BrokenException {
        Map<String, byte[]> moving = new LinkedHashMap<>();
        // Before the checkpoint: what retention signed must not be of a later tree.
        Retained retained = Retained.read(Place.folder(root), key);
        if (!retained.equals(Retained.everything())) {
            moving.put(Retained.FILE, Files.readAllBytes(root.resolve(Retained.FILE)));
        }
        try (Snapshot snapshot = Snapshot.take(Place.folder(root))) {
            byte[] note = snapshot.checkpoint();
            CheckpointText checkpoint = CheckpointText.verified(note, key);
            KeptSeries.Newest kept =
                    snapshot.kept().orElseThrow(() -> new NoSuchFileException("checkpoints"));
            snapshot.witnessed().ifPresent(bytes -> moving.put("witnessed", bytes));
            snapshot.secondKey().ifPresent(bytes -> moving.put(SecondKey.FILE, bytes));
            moving.put(TilePath.checkpoints(kept.number()), kept.bytes());
            moving.put("checkpoint", note);
            byte[] closed = (checkpoint.size() + "\n").getBytes(StandardCharsets.UTF_8);
            moving.put("closed", closed);
            partials(root, checkpoint.size(), moving);
            return new LogCopy(root, checkpoint, note, retained, kept.number(), moving);
        } catch (MalformedException e) {
            throw new BrokenException(-1, String.valueOf(e.getMessage()), "checkpoint");
        }
    }

    /** The tiles and the bundle that are not full at this size, and are soon replaced. */
    private static void partials(Path root, long size, Map<String, byte[]> into)
            throws IOException {
        for (int level = 0; size >>> (8 * level) > 0 && level < 8; level++) {
            long index = (size >>> (8 * level)) / TilePath.WIDTH;
            int width = TilePath.width(level, index, size);
            if (width > 0) {
                String path = TilePath.tile(level, index, width);
                String full = TilePath.tile(level, index, TilePath.WIDTH);
                byte[] hashes = either(root, path, full);
                into.put(path, Arrays.copyOf(hashes, width * TreeHasher.HASH));
            }
        }
        long bundle = size / TilePath.WIDTH;
        int width = TilePath.width(0, bundle, size);
        if (width > 0) {
            String path = TilePath.entries(bundle, width);
            String full = TilePath.entries(bundle, TilePath.WIDTH);
            into.put(path, first(either(root, path, full), width));
        }
    }

    private static byte[] either(Path root, String path, String full) throws IOException {
        try {
            return Files.readAllBytes(root.resolve(path));
        } catch (NoSuchFileException e) {
            return Files.readAllBytes(root.resolve(full));
        }
    }

    /** The first so many entries of a bundle. */
    private static byte[] first(byte[] bundle, int entries) throws IOException {
        ByteBuffer in = ByteBuffer.wrap(bundle);
        for (int i = 0; i < entries; i++) {
            int length = in.remaining() < 2 ? -1 : Short.toUnsignedInt(in.getShort());
            if (length < 0 || length > in.remaining()) {
                throw new IOException("the last bundle is damaged at entry " + i);
            }
            in.position(in.position() + length);
        }
        return Arrays.copyOf(bundle, in.position());
    }

    public CheckpointText checkpoint() {
        return checkpoint;
    }

    /** The signed note of the checkpoint. */
    public byte[] note() {
        return note.clone();
    }

    /** Gives every file of the copy, by its path in the directory. */
    public void writeTo(Sink sink) throws IOException {
        for (Map.Entry<String, byte[]> file : moving.entrySet()) {
            give(file.getKey(), file.getValue(), sink);
        }
        give("verifier.vkey", Files.readAllBytes(root.resolve("verifier.vkey")), sink);
        for (long number = 0; number < series; number++) {
            give(TilePath.checkpoints(number), sink);
        }
        long size = checkpoint.size();
        for (int level = 0; size >>> (8 * level) > 0 && level < 8; level++) {
            long full = (size >>> (8 * level)) / TilePath.WIDTH;
            for (long index = 0; index < full; index++) {
                give(TilePath.tile(level, index, TilePath.WIDTH), sink);
            }
        }
        for (long bundle = retained.bundles(); bundle < size / TilePath.WIDTH; bundle++) {
            give(TilePath.entries(bundle, TilePath.WIDTH), sink);
        }
        blobs(sink);
    }

    // Read after the checkpoint: a payload is there before its entry. A few may be of later ones.
    private void blobs(Sink sink) throws IOException {
        Path folder = root.resolve("blob");
        if (!Files.isDirectory(folder)) {
            return;
        }
        List<Path> found;
        try (Stream<Path> all = Files.walk(folder)) {
            found = all.filter(Files::isRegularFile).sorted().toList();
        }
        for (Path blob : found) {
            give(root.relativize(blob).toString(), sink);
        }
    }

    private void give(String path, Sink sink) throws IOException {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(root.resolve(path));
        } catch (NoSuchFileException e) {
            throw new IOException(
                    "`"
                            + path
                            + "` of the journal went away while it was copied, as retention does;"
                            + " try again",
                    e);
        }
        give(path, bytes, sink);
    }

    private static void give(String path, byte[] bytes, Sink sink) throws IOException {
        sink.file(path, bytes.length, new ByteArrayInputStream(bytes));
    }
}
