package atlas.journal.tlog;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A C2SP signed note: a text and the lines of those who signed it.
 *
 * @param text what is signed, ending with a newline
 */
record SignedNote(String text, List<Line> lines) {
    private static final String DASH = "\u2014 ";
    private static final int MOST_SIGNATURES = 100;
    private static final int MOST_BYTES = 1 << 20;

    public SignedNote {
        lines = List.copyOf(lines);
    }

    /** One signature line; {@code signature} begins with the four bytes of the key id. */
    public record Line(String name, byte[] signature) {}

    /** Splits a note into text and signatures; checks no signature. */
    public static SignedNote parse(byte[] bytes) throws MalformedException {
        if (bytes.length > MOST_BYTES) {
            throw new MalformedException("a note has at most 1 MiB");
        }
        String note = StrictText.utf8(bytes, "the note");
        int split = note.lastIndexOf("\n\n");
        if (split < 0 || !note.endsWith("\n") || split + 2 == note.length()) {
            throw new MalformedException("the note has no signature lines");
        }
        String text = note.substring(0, split + 1);
        String signatures = note.substring(split + 2, note.length() - 1);
        List<Line> lines = new ArrayList<>();
        for (String line : signatures.split("\n", -1)) {
            lines.add(line(line));
        }
        if (lines.size() > MOST_SIGNATURES) {
            throw new MalformedException("the note has too many signatures");
        }
        return new SignedNote(text, lines);
    }

    private static Line line(String line) throws MalformedException {
        int space = line.indexOf(' ', DASH.length());
        if (!line.startsWith(DASH) || space < 0) {
            throw new MalformedException("a signature line is `\u2014 name base64`");
        }
        String name = line.substring(DASH.length(), space);
        byte[] signature = StrictText.base64(line.substring(space + 1), "the signature");
        if (!StrictText.isName(name) || signature.length < 5) {
            throw new MalformedException("a signature line is `\u2014 name base64`");
        }
        return new Line(name, signature);
    }

    /**
     * Which of the known keys signed. Lines of unknown keys are passed over.
     *
     * @throws MalformedException when a known key's signature is wrong, or no known key signed
     */
    public List<NoteVerifierKey> verify(List<NoteVerifierKey> known) throws MalformedException {
        List<NoteVerifierKey> signers = new ArrayList<>();
        for (Line line : lines) {
            for (NoteVerifierKey key : known) {
                if (!key.made(line.name(), line.signature()) || signers.contains(key)) {
                    continue;
                }
                byte[] signature = line.signature();
                if (!key.verifies(text, Arrays.copyOfRange(signature, 4, signature.length))) {
                    throw new MalformedException(
                            "the signature of `" + key.name() + "` is not over this text");
                }
                signers.add(key);
            }
        }
        if (signers.isEmpty()) {
            throw new MalformedException("the note is not signed by a known key");
        }
        return signers;
    }
}
