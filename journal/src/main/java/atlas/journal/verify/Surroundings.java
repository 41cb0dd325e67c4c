package atlas.journal.verify;

import atlas.core.Digest;
import atlas.core.crypto.Hashes;
import atlas.tlog.CheckpointText;
import atlas.tlog.MalformedException;
import atlas.tlog.NoteVerifierKey;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What lies beside the tree: payloads kept apart, search blocks, marks of closing and signing. */
final class Surroundings {
    private static final Set<String> KNOWN =
            Set.of(
                    "checkpoint",
                    "checkpoints",
                    "verifier.vkey",
                    "witnessed",
                    SecondKey.FILE,
                    "lock",
                    "closed",
                    "tile",
                    "blob",
                    "index",
                    Retained.FILE,
                    "wal",
                    "tmp",
                    Snapshot.SHARED);

    private final Place root;
    private final List<String> notes;
    private final Set<Digest> referenced = new HashSet<>();

    Surroundings(Place root, List<String> notes) {
        this.root = root;
        this.notes = notes;
    }

    /** Checks the payload an entry refers to, and remembers that one does. */
    void blob(long index, EmitterChains.BlobReference reference)
            throws IOException, BrokenException {
        payload(root, index, reference);
        referenced(reference);
    }

    /** Remembers that an entry refers to a payload. */
    void referenced(EmitterChains.BlobReference reference) {
        referenced.add(reference.digest());
    }

    /** Checks the payload an entry refers to; any number at once. */
    static void payload(Place root, long index, EmitterChains.BlobReference reference)
            throws IOException, BrokenException {
        String hex = reference.digest().hex();
        String path = "blob/" + hex.substring(0, 2) + "/" + hex;
        try {
            byte[] sealed = root.read(path);
            if (sealed.length != reference.length()
                    || !Hashes.sha256(sealed).equals(reference.digest())) {
                throw new BrokenException(index, "the entry's sealed payload was altered", path);
            }
        } catch (NoSuchFileException e) {
            throw new BrokenException(index, "the entry's sealed payload is missing", path);
        }
    }

    void check(CheckpointText checkpoint, long total, Snapshot snapshot, NoteVerifierKey key)
            throws IOException, BrokenException {
        strayBlobs();
        searchBlocks();
        if (snapshot.shared()) {
            notes.add(
                    "the log is shared: entries that no checkpoint covers yet are in a database and"
                            + " not checked here");
        } else {
            closed(checkpoint.size(), snapshot);
        }
        signed(checkpoint, total, snapshot, key);
        root.names("").stream()
                .filter(name -> !KNOWN.contains(name))
                .forEach(name -> notes.add("`" + name + "` is no part of a journal"));
    }

    private void strayBlobs() throws IOException, BrokenException {
        for (String path : root.below("blob")) {
            String name = path.substring(path.lastIndexOf('/') + 1);
            if (name.matches("[0-9a-f]{64}") && referenced.contains(Digest.parse(name))) {
                continue;
            }
            if (!Hashes.sha256(root.read(path)).hex().equals(name)) {
                throw new BrokenException(-1, "a sealed payload was altered", path);
            }
            notes.add("`" + path + "` belongs to no entry: its recording was interrupted");
        }
    }

    private void searchBlocks() throws IOException, BrokenException {
        for (String path : root.below("index")) {
            byte[] content = root.read(path);
            int sealed = content.length - Digest.BYTES;
            if (sealed < 0 || !endsWithItsHash(content, sealed)) {
                throw new BrokenException(
                        -1,
                        "a search block was altered; entries are not concerned, and it is made"
                                + " anew once removed",
                        path);
            }
        }
    }

    private static boolean endsWithItsHash(byte[] content, int length) {
        byte[] hash = Arrays.copyOfRange(content, length, content.length);
        return Hashes.sha256(Arrays.copyOf(content, length)).equals(Digest.of(hash));
    }

    private static void closed(long size, Snapshot snapshot) throws BrokenException {
        boolean noSegments = snapshot.segments().isEmpty();
        if (snapshot.closed().isEmpty()) {
            if (noSegments) {
                throw new BrokenException(
                        -1,
                        "the write-ahead log is missing though the journal was not closed; entries"
                                + " after the checkpoint may be lost",
                        "wal");
            }
            return;
        }
        String text = snapshot.closed().get();
        boolean wellFormed = text.matches("(0|[1-9][0-9]{0,18})\n");
        if (!wellFormed || (noSegments && !text.equals(size + "\n"))) {
            throw new BrokenException(
                    -1, "the mark of closing does not name the checkpoint's size", "closed");
        }
    }

    /** The record beside the directory, when it is there, shows a directory that was put back. */
    private void signed(
            CheckpointText checkpoint, long total, Snapshot snapshot, NoteVerifierKey key)
            throws BrokenException {
        if (snapshot.signed().isEmpty()) {
            return;
        }
        String name = root.signedName();
        CheckpointText last;
        try {
            last = CheckpointText.verified(snapshot.signed().get(), key);
        } catch (MalformedException e) {
            throw new BrokenException(-1, String.valueOf(e.getMessage()), name);
        }
        if (last.size() > total) {
            throw new BrokenException(
                    total,
                    "rolled back: " + last.size() + " entries were signed, " + total + " are here",
                    name);
        }
        if (last.size() == checkpoint.size() && !last.root().equals(checkpoint.root())) {
            throw new BrokenException(-1, "two different trees of one size were signed", name);
        }
    }
}
