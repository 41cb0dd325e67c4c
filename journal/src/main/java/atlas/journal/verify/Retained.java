package atlas.journal.verify;

import atlas.core.Digest;
import atlas.tlog.CheckpointText;
import atlas.tlog.MalformedException;
import atlas.tlog.NoteVerifierKey;
import atlas.tlog.SignedNote;
import atlas.tlog.TilePath;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * What the log signed that it may forget: the entries before {@code first}. Their leaf hashes stay
 * in the tiles, and where each emitter stood is in the record, so that all the rest is still
 * checked. Without this record a missing entry is a missing entry.
 *
 * @param size and root: the tree in which the act is recorded
 */
record Retained(long first, long size, Optional<Digest> root, List<Head> emitters) {
    static final String FILE = "retention";
    private static final String HEADER = "atlas retention v1";
    private static final int PREAMBLE = 4;

    /** An emitter's last entry before the first that is still there. */
    record Head(ByteBuffer emitter, long sequence, byte[] leaf) {}

    /** Nothing may be missing. */
    static Retained everything() {
        return new Retained(0, 0, Optional.empty(), List.of());
    }

    /** A log of others that is here without its entries. */
    static Retained treeAlone() {
        return new Retained(Long.MAX_VALUE, 0, Optional.empty(), List.of());
    }

    /** The record in a directory, if there is one. */
    static Retained read(Place directory, NoteVerifierKey key) throws IOException, BrokenException {
        byte[] note;
        try {
            note = directory.read(FILE);
        } catch (NoSuchFileException e) {
            return everything();
        }
        try {
            SignedNote signed = SignedNote.parse(note);
            signed.verify(List.of(key));
            return parse(signed.text(), key.name());
        } catch (MalformedException | IllegalArgumentException e) {
            throw new BrokenException(-1, "the record of retention: " + e.getMessage(), FILE);
        }
    }

    private static Retained parse(String text, String origin) throws MalformedException {
        List<String> lines = List.of(text.split("\n", -1));
        int end = lines.size() - 1;
        if (end < PREAMBLE
                || !lines.getFirst().equals(HEADER)
                || !lines.get(1).equals(origin)
                || !lines.get(end).isEmpty()) {
            throw new MalformedException("not one of this log");
        }
        String[] tree = lines.get(3).split(" ", -1);
        if (tree.length != 2) {
            throw new MalformedException("it names no tree");
        }
        List<Head> heads = new ArrayList<>();
        for (String line : lines.subList(PREAMBLE, end)) {
            String[] parts = line.split(" ", -1);
            if (parts.length != 3) {
                throw new MalformedException("an emitter has id, number and leaf");
            }
            ByteBuffer emitter = ByteBuffer.wrap(HexFormat.of().parseHex(parts[0]));
            heads.add(new Head(emitter, Long.parseLong(parts[1]), base64(parts[2])));
        }
        long first = Long.parseLong(lines.get(2));
        long size = Long.parseLong(tree[0]);
        if (first <= 0 || first % TilePath.WIDTH != 0 || first > size) {
            throw new MalformedException("it names no beginning");
        }
        return new Retained(first, size, Optional.of(Digest.of(base64(tree[1]))), heads);
    }

    private static byte[] base64(String text) {
        return Base64.getDecoder().decode(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Bundles that may be missing. */
    long bundles() {
        return first / TilePath.WIDTH;
    }

    /** Checks that the record was signed for a beginning of this very tree. */
    void check(CheckpointText checkpoint, StoredTiles stored) throws IOException, BrokenException {
        if (root.isEmpty()) {
            return;
        }
        if (size > checkpoint.size()) {
            throw new BrokenException(
                    -1,
                    "rolled back: retention was recorded at "
                            + size
                            + " entries, the checkpoint"
                            + " has "
                            + checkpoint.size(),
                    FILE);
        }
        if (!stored.root(size).equals(root.get())) {
            throw new BrokenException(-1, "retention was recorded for another tree", FILE);
        }
    }

    /** What a reader should know. */
    Optional<String> note(long left) {
        if (first == 0) {
            return Optional.empty();
        }
        if (root.isEmpty()) {
            return Optional.of("no entries are here: the tree was checked from its leaf hashes on");
        }
        String text =
                "entries 0 to " + (first - 1) + " were removed by retention; their hashes hold";
        return Optional.of(
                left == 0 ? text : text + " (" + left + " of their bundles are still here)");
    }
}
