package atlas.tlog;

import atlas.core.Digest;
import java.util.Base64;
import java.util.List;

/**
 * The text of a C2SP tlog-checkpoint: which log, how long, which root.
 *
 * @param extensions further lines, which Atlas neither writes nor reads
 */
public record CheckpointText(String origin, long size, Digest root, List<String> extensions) {
    public CheckpointText {
        extensions = List.copyOf(extensions);
    }

    public CheckpointText(String origin, long size, Digest root) {
        this(origin, size, root, List.of());
    }

    /** Reads a note's text. */
    public static CheckpointText parse(String text) throws MalformedException {
        if (!text.endsWith("\n")) {
            throw new MalformedException("a checkpoint ends with a newline");
        }
        String[] lines = text.substring(0, text.length() - 1).split("\n", -1);
        if (lines.length < 3 || lines[0].isEmpty()) {
            throw new MalformedException("a checkpoint has origin, size and root");
        }
        Digest root = StrictText.hash(lines[2], "the checkpoint's root");
        List<String> extensions = List.of(lines).subList(3, lines.length);
        if (extensions.stream().anyMatch(String::isEmpty)) {
            throw new MalformedException("a checkpoint's extension line is empty");
        }
        long size = StrictText.decimal(lines[1], "the checkpoint's size");
        return new CheckpointText(lines[0], size, root, extensions);
    }

    /** Reads a signed checkpoint and checks that {@code key} signed it, for whichever log. */
    public static CheckpointText signed(byte[] note, NoteVerifierKey key)
            throws MalformedException {
        SignedNote signed = SignedNote.parse(note);
        signed.verify(List.of(key));
        return parse(signed.text());
    }

    /** Reads a signed checkpoint and checks that {@code key} signed it for its own log. */
    public static CheckpointText verified(byte[] note, NoteVerifierKey key)
            throws MalformedException {
        CheckpointText checkpoint = signed(note, key);
        if (!checkpoint.origin().equals(key.name())) {
            throw new MalformedException(
                    "the checkpoint is of `"
                            + checkpoint.origin()
                            + "`, the key of `"
                            + key.name()
                            + "`");
        }
        return checkpoint;
    }

    /** The text to sign. */
    public String text() {
        StringBuilder text = new StringBuilder();
        text.append(origin).append('\n').append(size).append('\n');
        text.append(Base64.getEncoder().encodeToString(root.bytes())).append('\n');
        extensions.forEach(line -> text.append(line).append('\n'));
        return text.toString();
    }
}
