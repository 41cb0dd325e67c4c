package atlas.tlog;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * A C2SP signed note: a text and the lines of those who signed it.
 *
 * @param text what is signed, ending with a newline
 */
public record SignedNote(String text, List<Line> lines) {
    private static final String DASH = "\u2014 ";
    private static final int MOST_SIGNATURES = 100;
    private static final int MOST_BYTES = 1 << 20;

    public SignedNote {
        lines = List.copyOf(lines);
    }

    /** One signature line; {@code signature} begins with the four bytes of the key id. */
    public record Line(String name, byte[] signature) {
        /** The line as it stands in a note, newline included. */
        public String text() {
            return DASH + name + " " + Base64.getEncoder().encodeToString(signature) + "\n";
        }

        private byte[] bare() {
            return Arrays.copyOfRange(signature, 4, signature.length);
        }
    }

    /**
     * A signature that was checked.
     *
     * @param time when it says it was made, in POSIX seconds; empty for keys that say no time
     */
    public record Checked(NoteVerifierKey key, Line line, Optional<Long> time) {}

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
        return new SignedNote(text, split(note.substring(split + 2)));
    }

    /** Reads signature lines that come without a text, as a witness answers with. */
    public static List<Line> lines(byte[] bytes) throws MalformedException {
        if (bytes.length > MOST_BYTES) {
            throw new MalformedException("signature lines have at most 1 MiB");
        }
        String lines = StrictText.utf8(bytes, "the signature lines");
        if (!lines.endsWith("\n")) {
            throw new MalformedException("a signature line ends with a newline");
        }
        return split(lines);
    }

    private static List<Line> split(String signatures) throws MalformedException {
        List<Line> lines = new ArrayList<>();
        for (String line : signatures.substring(0, signatures.length() - 1).split("\n", -1)) {
            lines.add(line(line));
        }
        if (lines.size() > MOST_SIGNATURES) {
            throw new MalformedException("the note has too many signatures");
        }
        return lines;
    }

    /** The note as it is published. */
    public String note() {
        StringBuilder note = new StringBuilder(text).append('\n');
        lines.forEach(line -> note.append(line.text()));
        return note.toString();
    }

    /** The note's bytes. */
    public byte[] bytes() {
        return note().getBytes(StandardCharsets.UTF_8);
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
        List<Checked> checked = check(known);
        if (checked.isEmpty()) {
            throw new MalformedException("the note is not signed by a known key");
        }
        return checked.stream().map(Checked::key).toList();
    }

    /**
     * The signatures of known keys, one for each. Lines of unknown keys are passed over.
     *
     * @throws MalformedException when a known key's signature is wrong
     */
    public List<Checked> check(List<NoteVerifierKey> known) throws MalformedException {
        List<Checked> checked = new ArrayList<>();
        for (Line line : lines) {
            for (NoteVerifierKey key : known) {
                if (!key.made(line.name(), line.signature())
                        || checked.stream().anyMatch(done -> done.key().equals(key))) {
                    continue;
                }
                if (!key.verifies(text, line.bare())) {
                    throw new MalformedException(
                            "the signature of `" + key.name() + "` is not over this text");
                }
                checked.add(new Checked(key, line, key.time(line.bare())));
            }
        }
        return checked;
    }
}
