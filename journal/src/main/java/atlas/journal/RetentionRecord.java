package atlas.journal;

import atlas.core.Digest;
import atlas.tlog.MalformedException;
import atlas.tlog.NoteSigner;
import atlas.tlog.NoteVerifierKey;
import atlas.tlog.SignedNote;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * What the log signs before it forgets: entries before {@code first} may be gone, and this is where
 * each emitter stood then. A signed note of its own, {@code retention} in the directory; the
 * verifier reads it with code of its own.
 *
 * @param first a multiple of 256
 * @param size and root: the tree under which the act is recorded
 */
record RetentionRecord(long first, long size, Digest root, List<Head> emitters) {
    // No checkpoint begins like this: a log's name has no white space.
    private static final String HEADER = "atlas retention v1";

    RetentionRecord {
        emitters = List.copyOf(emitters);
    }

    /** An emitter's last entry before the first that stays. */
    record Head(String emitter, long sequence, Digest leaf) {}

    /** Nothing was removed. */
    static RetentionRecord none() {
        return new RetentionRecord(0, 0, Digest.of(new byte[Digest.BYTES]), List.of());
    }

    /** The signed note. */
    String note(NoteSigner signer) {
        StringBuilder text = new StringBuilder(HEADER);
        text.append('\n').append(signer.verifierKey().name()).append('\n').append(first);
        text.append('\n').append(size).append(' ').append(base64(root)).append('\n');
        for (Head head : emitters) {
            text.append(head.emitter()).append(' ').append(head.sequence());
            text.append(' ').append(base64(head.leaf())).append('\n');
        }
        return signer.sign(text.toString());
    }

    private static String base64(Digest digest) {
        return Base64.getEncoder().encodeToString(digest.bytes());
    }

    /** Reads what this log signed. */
    static RetentionRecord read(Optional<byte[]> note, NoteVerifierKey key) {
        if (note.isEmpty()) {
            return none();
        }
        try {
            SignedNote signed = SignedNote.parse(note.get());
            signed.verify(List.of(key));
            List<String> lines = signed.text().lines().toList();
            if (!lines.getFirst().equals(HEADER) || !lines.get(1).equals(key.name())) {
                throw new MalformedException("it is of another log");
            }
            String[] tree = lines.get(3).split(" ", -1);
            List<Head> heads = new ArrayList<>();
            for (String line : lines.subList(4, lines.size())) {
                String[] parts = line.split(" ", -1);
                HexFormat.of().parseHex(parts[0]);
                heads.add(new Head(parts[0], Long.parseLong(parts[1]), digest(parts[2])));
            }
            return new RetentionRecord(
                    Long.parseLong(lines.get(2)), Long.parseLong(tree[0]), digest(tree[1]), heads);
        } catch (MalformedException | IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new JournalException(
                    "`retention` is not what this log signed: " + e.getMessage(), e);
        }
    }

    private static Digest digest(String text) {
        return Digest.of(Base64.getDecoder().decode(text));
    }
}
